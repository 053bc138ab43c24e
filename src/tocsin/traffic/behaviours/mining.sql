-- Which host digs for coins? Somebody may have installed it himself.
-- In:  outward, lookups, handshakes, mining_ports (port). Out: one row a (host, peer, port) or a (host, name).
WITH names AS (
    SELECT client AS host, name, "at" FROM lookups UNION ALL SELECT caller, name, "at" FROM handshakes
),
pools AS (
    SELECT host, name, min("at") AS first_at, max("at") AS last_at, count(*) AS rows FROM names
    WHERE regexp_matches(name, '(^|[.-])(stratum|xmrpool|minexmr|nanopool|supportxmr|moneroocean|nicehash|f2pool|2miners|ethermine|flypool|hashvault|xmr|monerohash|minergate|nicehash|coinhive|cryptonight|unmineable|antpool|viabtc|slushpool|braiins|poolin)([.-]|[0-9]|$)')
    GROUP BY host, name
)
SELECT host, called, o.called_port, protocol, 0.5 AS score, first_at, last_at, flows AS rows, 1 AS peers, [called] AS examples,
    to_json({port: o.called_port, seconds: duration_s, name: name}) AS numbers
FROM outward o JOIN mining_ports m ON m.port = o.called_port
WHERE protocol = 'tcp' AND answered > 0 AND duration_s >= 1800 AND bytes_out < 5000 + duration_s * 200 AND NOT is_popular
UNION ALL
SELECT host, NULL, NULL, NULL, 0.6, first_at, last_at, rows, 0, []::UUID[], to_json({name: name}) FROM pools
