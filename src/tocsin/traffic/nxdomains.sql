-- Which names that do not exist did each client ask for?
-- In:  lookups, own. Out: one row a client: the distinct names (at most 2,000), how many, and when.
-- Left out: names without a dot, reverse look-ups, service records (a leading _), and what a search list has appended.
SELECT client AS host, list(name ORDER BY first_at, name)[:2000] AS names, count(*) AS total, sum(asked)::BIGINT AS rows,
    min(first_at) AS first_at, max(last_at) AS last_at
FROM (
    SELECT client, name, count(*) AS asked, min("at") AS first_at, max("at") AS last_at FROM lookups
    WHERE rcode = 'NXDOMAIN' AND contains(name, '.') AND name NOT LIKE '%.arpa' AND NOT starts_with(name, '_')
        AND coalesce(type, 'A') IN ('A', 'AAAA', '*')
    GROUP BY client, name
) SEMI JOIN own ON own.address = client
GROUP BY client
