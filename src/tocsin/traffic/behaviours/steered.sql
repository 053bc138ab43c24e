-- Which host opens sessions to an unusual port outside and sends far more than it gets, as a steered machine does?
-- In:  outward, lookups. Out: one row a (host, peer, port). In a client's session the answers are longer than the questions; a remote
-- control turns that round: short orders come in, what was asked for goes out. A backup and a camera do so too: from half a
-- gigabyte on it is no suspicion. That nobody asked for a name says something only where names were seen.
SELECT host, called, called_port, protocol,
    least(0.7, 0.5 + CASE WHEN duration_s >= 1800 THEN 0.1 ELSE 0 END + CASE WHEN name IS NULL AND EXISTS (SELECT 1 FROM lookups) THEN 0.1 ELSE 0 END
        - CASE WHEN service IN ('ssl', 'ssh') OR bytes_out >= 500000000 THEN 0.3 ELSE 0 END) AS score,
    first_at, last_at, flows AS rows, 1 AS peers, [called] AS examples,
    to_json({bytes_out: bytes_out, bytes_in: bytes_in, port: called_port, seconds: duration_s, flows: flows}) AS numbers
FROM outward
WHERE protocol = 'tcp' AND NOT is_service_port AND NOT is_popular AND answered >= 2
    AND bytes_out >= 10000 AND bytes_out >= 5 * bytes_in AND bytes_in > 0 AND duration_s >= 600
