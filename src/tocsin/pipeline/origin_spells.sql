-- For how many days was each address of these systems in trouble, and is that over?
-- In:   numbered and found as reported.sql has them; $origins, $horizon: what was last seen before it is quiet.
-- Out:  one row a system, length (to a tenth of a day) and whether it is over: how many addresses and kinds there were.
-- Ties: none.
WITH spells AS (
    SELECT f.origin, s.address, s.kind, min(s.seen_at) AS first_at, max(s.seen_until) AS last_at
    FROM numbered s
    JOIN found f ON f.number = s.number
    WHERE list_contains($origins::BIGINT[], f.origin::BIGINT)
    GROUP BY f.origin, s.address, s.kind
)
SELECT
    origin,
    round((epoch(last_at) - epoch(first_at)) / 86400.0, 1) AS days,
    last_at < $horizon AS ended,
    count(*) AS many
FROM spells
GROUP BY ALL
ORDER BY origin, days, ended
