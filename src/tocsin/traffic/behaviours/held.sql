-- Which host holds a session to an unusual port outside open for hours?
-- In:  outward, lookups, public_ports (port). Out: one row a (host, peer, port); pieces of one long session are summed.
-- A session that the sensor knows is a person's (a shell, TLS), so is one where people chat, and so is a bulk of bytes in either
-- direction: a backup, a stream. That nobody asked for a name says something only where names were seen.
WITH seen AS (SELECT count(*) > 0 AS names FROM lookups)
SELECT host, called, called_port, protocol,
    least(0.6, 0.45 + CASE WHEN name IS NULL AND seen.names THEN 0.1 ELSE 0 END + CASE WHEN duration_s >= 43200 THEN 0.05 ELSE 0 END
        - CASE WHEN service IN ('ssl', 'ssh', 'rdp', 'rfb', 'xmpp') OR bytes_in + bytes_out > 50000000
            OR (called_port IN (SELECT port FROM public_ports) AND (name IS NOT NULL OR NOT seen.names)) THEN 0.2 ELSE 0 END) AS score,
    first_at, last_at, flows AS rows, 1 AS peers, [called] AS examples,
    to_json({seconds: duration_s, port: called_port, flows: flows, bytes_in: bytes_in, bytes_out: bytes_out}) AS numbers
FROM outward CROSS JOIN seen
WHERE protocol = 'tcp' AND NOT is_service_port AND NOT is_popular AND answered > 0 AND duration_s >= 7200
