-- Question: at which moment was each record written?
-- In: log_records (records.py), log_zone (the configured zone's spans, or none); $latest, $year (of the first year-less
--     line, or NULL).
-- Out: temporary table log_dated, one row a record: record (its number), at_utc (NULL where it cannot be said), why_not.
-- A record's own offset, or UTC, leaves no doubt. A zone's *name* is no zone (IST is three of them): it only helps to tell
-- the two readings of an hour that the configured zone has twice, and must be one of that zone's own names.
-- A year-less line is of the latest year in which it and all that follows it lie before $latest, as the lines of a log
-- stand in the order of time, give or take a day. Ties: none.
CREATE OR REPLACE TEMP TABLE log_dated AS
WITH told AS (
    SELECT record, line, moment, local_at, upper(trim(zone)) AS zone, year(local_at) = 2000 AS yearless
    FROM log_records
),
guessed AS (  -- in which year, had the line stood alone
    SELECT record, line, CASE
            WHEN $year::INTEGER IS NOT NULL THEN local_at + to_years($year::INTEGER - 2000)
            WHEN local_at + to_years(year($latest::TIMESTAMP)::INTEGER - 2000) <= $latest::TIMESTAMP + INTERVAL 14 HOUR
            THEN local_at + to_years(year($latest::TIMESTAMP)::INTEGER - 2000)
            ELSE local_at + to_years(year($latest::TIMESTAMP)::INTEGER - 2001) END AS guess
    FROM told WHERE yearless AND moment IS NULL
),
turned AS (
    SELECT record, line, guess,
        coalesce(guess > lead(guess) OVER (ORDER BY line, record) + INTERVAL 180 DAY, false)::INTEGER AS before_turn,
        coalesce(guess < lag(guess) OVER (ORDER BY line, record) - INTERVAL 180 DAY, false)::INTEGER AS after_turn
    FROM guessed
),
placed AS (  -- rows, not a range: eighty times faster
    SELECT record, CASE WHEN $year::INTEGER IS NULL
        THEN guess - to_years((sum(before_turn) OVER (ORDER BY line DESC, record DESC ROWS UNBOUNDED PRECEDING))::INTEGER)
        ELSE guess + to_years((sum(after_turn) OVER (ORDER BY line, record ROWS UNBOUNDED PRECEDING))::INTEGER) END AS local_at
    FROM turned
),
clocks AS (
    SELECT t.record, coalesce(p.local_at, t.local_at) AS local_at, t.zone
    FROM told t LEFT JOIN placed p ON p.record = t.record
    WHERE t.moment IS NULL
),
distinct_clocks AS (SELECT DISTINCT local_at, zone FROM clocks WHERE local_at IS NOT NULL),
zoned AS (
    SELECT c.local_at, c.zone, count(*) AS readings, any_value(c.local_at - to_seconds(z.offset_s)) AS at_utc
    FROM distinct_clocks c
    JOIN log_zone z ON c.local_at - to_seconds(z.offset_s) >= z.zone_from AND c.local_at - to_seconds(z.offset_s) < z.zone_until
        AND (coalesce(c.zone, '') = '' OR upper(z.name) = c.zone)
    GROUP BY c.local_at, c.zone
)
SELECT record, moment AS at_utc, NULL::VARCHAR AS why_not FROM told WHERE moment IS NOT NULL
UNION ALL
SELECT c.record, CASE
        WHEN list_contains(['UTC', 'GMT', 'Z'], c.zone) THEN c.local_at
        WHEN regexp_full_match(c.zone, '[+-][0-9]{2}:?[0-9]{2}') THEN moment_of(strftime(c.local_at, '%Y-%m-%d %H:%M:%S.%f') || c.zone)
        WHEN z.readings = 1 THEN z.at_utc END,
    CASE
        WHEN c.local_at IS NULL THEN 'no moment'
        WHEN list_contains(['UTC', 'GMT', 'Z'], c.zone) OR regexp_full_match(c.zone, '[+-][0-9]{2}:?[0-9]{2}') THEN NULL
        WHEN (SELECT count(*) FROM log_zone) = 0 AND coalesce(c.zone, '') = '' THEN 'a local time: let the log''s `zone` say of which zone'
        WHEN (SELECT count(*) FROM log_zone) = 0 THEN 'a zone''s name is no zone: let the log''s `zone` say which'
        WHEN z.readings IS NULL AND coalesce(c.zone, '') <> '' THEN 'not a name of the configured zone at that time'
        WHEN z.readings IS NULL THEN 'a local time that the configured zone never had'
        WHEN z.readings > 1 THEN 'an hour that the configured zone had twice' END
FROM clocks c
LEFT JOIN zoned z ON z.local_at = c.local_at AND z.zone IS NOT DISTINCT FROM c.zone
