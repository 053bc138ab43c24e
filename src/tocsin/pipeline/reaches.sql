-- question: how far has each binding log been read, and where was it silent?
-- in: {coverage}, a row a covered stretch and prefix; $days, how many days back silences are told; $gaps_max, how many
-- out: one row a log: log, read_from, read_until, whether it holds for all of time, and its silences, each from a list and until a
--      list, the newest last; ties: none, the stretches of one log are apart from each other
WITH stretches AS (SELECT DISTINCT log, starts_at, ends_at FROM {coverage}),
gaps AS (
    SELECT log, ends_at AS gap_from, lead(starts_at) OVER (PARTITION BY log ORDER BY starts_at) AS gap_until
    FROM stretches
),
reach AS (
    SELECT log, min(starts_at) AS read_from, max(ends_at) AS read_until, max(ends_at) >= TIMESTAMP '9999-01-01 00:00:00' AS endless
    FROM stretches GROUP BY log
),
told AS (
    SELECT g.log, g.gap_from, g.gap_until, row_number() OVER (PARTITION BY g.log ORDER BY g.gap_from DESC) AS place
    FROM gaps g JOIN reach r ON r.log = g.log
    WHERE g.gap_until IS NOT NULL AND NOT r.endless AND g.gap_until > r.read_until - to_days($days)
)
SELECT
    r.log, r.read_from, r.read_until, r.endless,
    list(t.gap_from ORDER BY t.gap_from) FILTER (t.place <= $gaps_max) AS gaps_from,
    list(t.gap_until ORDER BY t.gap_from) FILTER (t.place <= $gaps_max) AS gaps_until
FROM reach r LEFT JOIN told t ON t.log = r.log
GROUP BY r.log, r.read_from, r.read_until, r.endless
ORDER BY r.log
