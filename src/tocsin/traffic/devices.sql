-- Which addresses of ours are one device?
-- In:  own, leases, flows (caller_mac), lookups. Out: one row an own address: the device, named by one of its addresses.
-- By the network card where one is known (a card with several IPv4 addresses is a router's, or was lent: it joins nothing), else by
-- what it does: an address that looks names up which another address, of the other family, alone and at once calls, is the same machine.
WITH cards AS (
    SELECT DISTINCT mac, address FROM (
        SELECT mac, address FROM leases UNION ALL SELECT DISTINCT caller_mac, caller FROM flows WHERE caller_mac IS NOT NULL
    ) SEMI JOIN own USING (address) WHERE mac IS NOT NULL
),
joined AS (
    SELECT mac, min(address) FILTER (address::VARCHAR LIKE '00000000-0000-0000-0000-ffff%') AS device FROM cards GROUP BY mac
    HAVING count(*) FILTER (address::VARCHAR LIKE '00000000-0000-0000-0000-ffff%') = 1
),
by_card AS (SELECT address, min(device) AS device FROM cards JOIN joined USING (mac) GROUP BY address HAVING count(DISTINCT device) = 1),
told AS (
    SELECT client, name, "at", address_of(unnest(answers)) AS answer FROM lookups SEMI JOIN own ON own.address = lookups.client
    WHERE rcode = 'NOERROR' AND client::VARCHAR NOT LIKE '00000000-0000-0000-0000-ffff%'
),
used AS (
    SELECT t.client, f.caller, count(DISTINCT t.name) AS names
    FROM told t JOIN flows f ON f.called = t.answer AND f."at" BETWEEN t."at" AND t."at" + INTERVAL 5 SECOND
    SEMI JOIN own ON own.address = f.caller
    WHERE f.caller <> t.client AND f.caller::VARCHAR LIKE '00000000-0000-0000-0000-ffff%'
    GROUP BY t.client, f.caller
),
by_habit AS (
    SELECT client AS address, max_by(caller, names) AS device FROM used GROUP BY client
    HAVING max(names) >= 5 AND max(names) >= 0.8 * sum(names)
)
SELECT own.address, coalesce(by_card.device, by_habit.device, own.address) AS device
FROM own LEFT JOIN by_card USING (address) LEFT JOIN by_habit USING (address)
