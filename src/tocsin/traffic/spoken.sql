-- How much was seen of each device?
-- In:  ends, devices. Out: one row a device: its addresses, first and last moment, flows that it opened, look-ups.
SELECT device, list(address ORDER BY address) AS addresses, min(first_at) AS first_at, max(last_at) AS last_at,
    sum(opened)::BIGINT AS opened, sum(asked)::BIGINT AS asked
FROM ends JOIN devices USING (address) GROUP BY device ORDER BY device
