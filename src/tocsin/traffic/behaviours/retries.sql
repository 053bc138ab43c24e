-- Which host calls one address outside again and again though nobody answers?
-- In:  outward. Out: one row a (host, peer, port). A program that is told to go away and never does is seldom somebody's wish;
-- on a usual port, or where a name was looked up, it may be a service that has ended. A server that has ever answered (a VPN that
-- dropped) is somebody's: only to one that never did, without a name, on no usual port, is a call without rest a bot's alone.
SELECT host, called, called_port, protocol,
    least(0.9, CASE WHEN is_service_port AND name IS NOT NULL THEN 0.2 WHEN is_service_port THEN 0.3 WHEN name IS NOT NULL AND NOT is_lent THEN 0.25 ELSE 0.6 END
        + CASE WHEN failed >= 200 THEN 0.15 ELSE 0 END + CASE WHEN failed >= 0.98 * flows THEN 0.05 ELSE 0 END
        -- Programs that people use wait longer after each failure: 200 tries without rest are none of theirs.
        + CASE WHEN answered = 0 AND failed >= 200 AND failed >= 30 * greatest(1, (epoch(last_at) - epoch(first_at)) / 60) THEN 0.1 ELSE 0 END) AS score,
    first_at, last_at, flows AS rows, 1 AS peers, [called] AS examples,
    to_json({failed: failed, flows: flows, port: called_port, name: name, seconds: epoch(last_at) - epoch(first_at)}) AS numbers
FROM outward
WHERE protocol = 'tcp' AND failed >= 30 AND failed >= 0.6 * flows AND NOT is_popular
    AND (epoch(last_at) - epoch(first_at) >= 600 OR failed >= 100)
