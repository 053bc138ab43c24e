-- On which days did each device do anything?
-- In:  flows, lookups, devices. Out: one row a (device, day).
WITH seen AS (
    SELECT DISTINCT caller AS address, date_trunc('day', "at")::TIMESTAMP AS day FROM flows
    UNION ALL SELECT DISTINCT client, date_trunc('day', "at")::TIMESTAMP FROM lookups
)
SELECT DISTINCT device, day FROM seen JOIN devices USING (address) ORDER BY device, day
