-- Which host speaks to an unusual port under a name that anybody can have for nothing?
-- In:  outward. Out: one row a (host, peer, port). Masters move, and dynamic names move with them; so do people's own servers at home.
SELECT host, called, called_port, protocol, least(0.6, 0.5 + CASE WHEN flows >= 10 OR duration_s >= 1800 THEN 0.1 ELSE 0 END) AS score,
    first_at, last_at, flows AS rows, 1 AS peers, [called] AS examples, to_json({name: name, port: called_port, flows: flows}) AS numbers
FROM outward
WHERE protocol = 'tcp' AND NOT is_service_port AND NOT is_popular AND is_lent AND (flows >= 2 OR duration_s >= 60)
