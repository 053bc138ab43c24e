-- Question: which stretches of time does each log cover?
-- In: told_moments (log, moment), cover_logs (log, gap_s_max, snapshot), cover_prefixes (log, network, prefix_bits).
-- Out: one row a covered stretch and prefix, the columns of the lake's table. A stretch runs from a record to the last
-- record before a silence of more than gap_s_max; nothing is said of what lies after the last record. A snapshot covers
-- all of time once it has been read. Ties: none; several records of one moment are one.
WITH moments AS (
    SELECT DISTINCT t.log, t.moment, l.gap_s_max
    FROM told_moments t JOIN cover_logs l ON l.log = t.log
    WHERE NOT l.snapshot
),
gaps AS (
    SELECT log, moment, moment - lag(moment) OVER (PARTITION BY log ORDER BY moment) > to_seconds(gap_s_max) AS after_gap
    FROM moments
),
numbered AS (
    SELECT log, moment, count(*) FILTER (after_gap) OVER (PARTITION BY log ORDER BY moment) AS stretch FROM gaps
),
stretches AS (
    SELECT log, min(moment) AS starts_at, max(moment) AS ends_at FROM numbered GROUP BY log, stretch
    UNION ALL
    SELECT log, TIMESTAMP '0001-01-01 00:00:00', TIMESTAMP '9999-12-31 00:00:00' FROM cover_logs
    WHERE snapshot AND log IN (SELECT log FROM told_moments)
)
SELECT s.log, p.network::UUID AS network, p.prefix_bits, s.starts_at, s.ends_at
FROM stretches s JOIN cover_prefixes p ON p.log = s.log
