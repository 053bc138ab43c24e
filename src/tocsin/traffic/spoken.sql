-- How much was seen of each device?
-- In:  contacts, lookups, devices, own. Out: one row a device: its addresses, first and last moment, flows that it opened, look-ups.
WITH seen AS (
    SELECT caller AS address, first_at, last_at, flows AS opened, 0 AS asked FROM contacts SEMI JOIN own ON own.address = contacts.caller
    UNION ALL SELECT called, first_at, last_at, 0, 0 FROM contacts SEMI JOIN own ON own.address = contacts.called
    UNION ALL SELECT client, "at", "at", 0, 1 FROM lookups SEMI JOIN own ON own.address = lookups.client
)
SELECT device, list(DISTINCT address ORDER BY address) AS addresses, min(first_at) AS first_at, max(last_at) AS last_at,
    sum(opened)::BIGINT AS opened, sum(asked)::BIGINT AS asked
FROM seen JOIN devices USING (address) GROUP BY device ORDER BY device
