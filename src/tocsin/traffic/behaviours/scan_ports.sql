-- Which host tried many doors of one address, or one door of many addresses inside?
-- In:  outward, inward. Out: one row a (host, target), or a (host, port) inside, with enough.
-- Its owner may do so himself: by itself it never condemns.
-- Eleven doors of one address that stayed shut (0.7 of fifteen) are looked for first: few have them.
WITH all_contacts AS (
    SELECT host, called, called_port, answered, failed, flows, first_at, last_at, true AS is_outside FROM outward WHERE protocol = 'tcp'
    UNION ALL
    SELECT host, called, called_port, answered, failed, flows, first_at, last_at, false FROM inward WHERE protocol = 'tcp'
),
suspected AS (
    SELECT host, called FROM all_contacts WHERE answered = 0 AND called_port IS NOT NULL GROUP BY host, called HAVING count(*) >= 11
),
vertical AS (
    SELECT host, called, NULL::USMALLINT AS called_port, count(*) AS tried, count(*) FILTER (answered = 0) AS failed, sum(flows) AS flows,
        min(first_at) AS first_at, max(last_at) AS last_at, [called] AS examples, any_value(is_outside) AS is_outside
    FROM all_contacts SEMI JOIN suspected USING (host, called) WHERE called_port IS NOT NULL GROUP BY host, called
    HAVING (count(*) >= 30 AND count(*) FILTER (answered = 0) >= 0.7 * count(*)) OR (count(*) >= 15 AND count(*) FILTER (answered = 0) >= 0.95 * count(*))
),
inside AS (
    SELECT host, NULL::UUID AS called, called_port, count(*) AS tried, count(*) FILTER (answered = 0) AS failed, sum(flows) AS flows,
        min(first_at) AS first_at, max(last_at) AS last_at, list(called ORDER BY first_at)[:20] AS examples, false AS is_outside
    FROM all_contacts WHERE NOT is_outside AND called_port IS NOT NULL GROUP BY host, called_port
    HAVING count(*) >= 20 AND count(*) FILTER (answered = 0) >= 0.7 * count(*)
)
SELECT host, called, called_port, 'tcp' AS protocol, 0.6 AS score, first_at, last_at, flows AS rows, len(examples) AS peers, examples,
    to_json({tried: tried, failed: failed, port: called_port, outside: is_outside}) AS numbers
FROM (SELECT * FROM vertical UNION ALL SELECT * FROM inside)
