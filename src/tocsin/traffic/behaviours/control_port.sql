-- Which host speaks, or keeps trying to speak, to a port on which malware's masters listen by default?
-- In:  outward, control_ports (port, family), public_ports (port). Out: one row a (host, peer, port). Many programs may use any port: by itself it
-- is a suspicion; none where the sensor has recognised an ordinary service under a name that was looked up, or where people chat.
SELECT host, called, o.called_port, protocol,
    least(0.7, 0.5 + CASE WHEN duration_s >= 1800 THEN 0.1 ELSE 0 END + CASE WHEN flows >= 10 THEN 0.1 ELSE 0 END
        - CASE WHEN name IS NOT NULL AND NOT is_lent AND (service IN ('ssl', 'http') OR o.called_port IN (SELECT port FROM public_ports))
            THEN 0.3 ELSE 0 END) AS score,
    first_at, last_at, flows AS rows, 1 AS peers, [called] AS examples,
    to_json({family: family, port: o.called_port, flows: flows, answered: answered, seconds: duration_s}) AS numbers
FROM outward o JOIN control_ports c ON c.port = o.called_port
WHERE protocol = 'tcp' AND NOT is_popular AND (flows >= 5 OR duration_s >= 600 OR is_lent)
    -- A scanner meets every port; that is another finding.
    AND host NOT IN (SELECT host FROM outward WHERE protocol = 'tcp' AND answered = 0 GROUP BY host, called_port HAVING count(*) >= 50)
