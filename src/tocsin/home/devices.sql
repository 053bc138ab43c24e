-- What does each device say of itself, and which of the names that tell its kind has it asked for?
-- In:  devices (address, device), leases, requests, flows, lookups, handshakes, known_names (name). Devices that are only in a list of
--      leases, and a router that only answers look-ups, have opened nothing and are devices all the same.
-- Out: one row a device: its addresses, network cards, what it said (bounded), the known names it asked for, whether others ask it.
WITH everybody AS (
    SELECT address, device FROM devices
    UNION ALL
    SELECT address, address FROM (
        SELECT address FROM leases UNION SELECT server FROM lookups WHERE is_private(server)
    ) ANTI JOIN devices USING (address) WHERE address IS NOT NULL AND NOT is_no_host(address)
),
said AS (
    SELECT d.device, lower(text) AS text FROM (
        SELECT address, name AS text FROM leases UNION ALL SELECT address, vendor FROM leases
        UNION ALL SELECT DISTINCT caller, agent FROM requests
    ) JOIN everybody d USING (address) WHERE text IS NOT NULL
),
cards AS (
    SELECT d.device, mac FROM (SELECT address, mac FROM leases UNION SELECT DISTINCT caller, caller_mac FROM flows)
    JOIN everybody d USING (address) WHERE mac IS NOT NULL
),
asked AS (
    SELECT DISTINCT d.device, k.name FROM (
        SELECT DISTINCT client AS address, name FROM lookups UNION SELECT DISTINCT caller, name FROM handshakes
    ) a JOIN everybody d USING (address) JOIN known_names k ON a.name = k.name OR a.name LIKE '%.' || k.name
),
serving AS (
    SELECT s.device FROM lookups l JOIN everybody s ON s.address = l.server JOIN everybody c ON c.address = l.client
    WHERE s.device <> c.device GROUP BY s.device
),
named AS (
    SELECT device, coalesce(min(name) FILTER (NOT is_by_card), min(name)) AS name FROM (
        SELECT d.device, name, false AS is_by_card FROM leases JOIN everybody d USING (address)
        UNION ALL SELECT c.device, name, true FROM leases JOIN cards c USING (mac) WHERE address IS NULL
    ) WHERE name IS NOT NULL GROUP BY device
)
SELECT d.device, list(DISTINCT d.address ORDER BY d.address) AS addresses,
    (SELECT list(DISTINCT mac ORDER BY mac) FROM cards WHERE cards.device = d.device) AS macs,
    (SELECT name FROM named WHERE named.device = d.device) AS name,
    (SELECT list(DISTINCT text ORDER BY text)[:50] FROM said WHERE said.device = d.device) AS said,
    (SELECT list(DISTINCT name ORDER BY name) FROM asked WHERE asked.device = d.device) AS asked,
    d.device IN (SELECT device FROM serving) AS serves_names
FROM everybody d GROUP BY d.device ORDER BY d.device
