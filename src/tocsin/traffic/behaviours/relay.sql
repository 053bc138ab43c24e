-- Which host hands on what comes from one master to many strangers, byte for byte?
-- In:  outward. Out: one row a (host, master). A back-connect proxy gets in from its master what it sends out, and sends to it what it
-- gets. A moment is when a flow began: the master's session lasts on after its last one.
WITH masters AS (
    SELECT host, called, called_port, bytes_out, bytes_in, flows, duration_s, first_at, last_at FROM outward
    WHERE protocol = 'tcp' AND NOT is_keepalive AND NOT is_popular AND duration_s >= 3600 AND bytes_in >= 1000000 AND bytes_out >= 1000000
),
others AS (
    SELECT m.host, m.called, count(DISTINCT o.called) AS strangers, sum(o.bytes_out) AS bytes_out, sum(o.bytes_in) AS bytes_in
    FROM masters m JOIN outward o ON o.host = m.host AND o.called <> m.called AND o.first_at >= m.first_at AND o.last_at <= m.last_at + to_seconds(ceil(m.duration_s)::BIGINT) + INTERVAL 5 MINUTE
    WHERE o.name IS NULL AND o.protocol = 'tcp' GROUP BY m.host, m.called
)
SELECT m.host, m.called, m.called_port, 'tcp' AS protocol, 0.6 AS score, m.first_at, m.last_at, m.flows AS rows, o.strangers AS peers, [m.called] AS examples,
    to_json({strangers: o.strangers, bytes_in: m.bytes_in, bytes_out: m.bytes_out, port: m.called_port}) AS numbers
FROM masters m JOIN others o USING (host, called)
WHERE o.strangers >= 20 AND o.bytes_in BETWEEN 0.7 * m.bytes_out AND 1.3 * m.bytes_out AND o.bytes_out BETWEEN 0.5 * m.bytes_in AND 1.5 * m.bytes_in
