-- Which host tries passwords at others?
-- In:  outward, inward, login_ports (port). Out: one row a (host, port): short answered sessions, again and again. Programs
-- ask places of one's own so too (a repository, servers that are looked after, a store of files): under names, or one or two in the house.
WITH tries AS (
    SELECT host, called, called_port, flows, answered, bytes_out, bytes_in, service, name, first_at, last_at, true AS is_outside FROM outward WHERE protocol = 'tcp'
    UNION ALL
    SELECT host, called, called_port, flows, answered, bytes_out, bytes_in, service, NULL, first_at, last_at, false FROM inward WHERE protocol = 'tcp'
)
SELECT host, NULL::UUID AS called, called_port, 'tcp' AS protocol,
    CASE WHEN bool_or(is_outside) AND count(*) FILTER (name IS NOT NULL) >= 0.8 * count(*) FILTER (is_outside) THEN 0.4
        WHEN NOT bool_or(is_outside) AND count(*) <= 2 THEN 0.4
        WHEN bool_or(is_outside) AND count(*) >= 5 AND sum(answered) >= 100 THEN 0.9
        WHEN bool_or(is_outside) THEN 0.7 ELSE 0.6 END AS score,
    min(first_at) AS first_at, max(last_at) AS last_at, sum(flows)::BIGINT AS rows, count(*) AS peers, list(called ORDER BY flows DESC, called)[:20] AS examples,
    to_json({tries: sum(answered)::BIGINT, peers: count(*), port: called_port, outside: bool_or(is_outside)}) AS numbers
FROM tries LEFT JOIN login_ports ON login_ports.port = called_port
WHERE (login_ports.port IS NOT NULL OR service = 'ssh') AND answered >= 20 AND bytes_in <= 10000 * answered AND bytes_out <= 10000 * answered
    AND answered / greatest(1, (epoch(last_at) - epoch(first_at)) / 3600) >= 20
GROUP BY host, called_port
