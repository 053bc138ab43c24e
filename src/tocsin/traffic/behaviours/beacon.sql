-- Which host calls one address outside as regularly as a clock?
-- In:  flows, outward. Out: one row a (host, peer, port). RITA's formula for times (activecm/rita v5: Bowley skew and MAD of the
-- gaps) is a feature, not the judge: by it NTP scores 0.998. What is usual, popular or looked up is damped.
WITH candidates AS (
    SELECT host, called, called_port, protocol, is_service_port, name FROM outward
    WHERE protocol IN ('tcp', 'udp') AND flows BETWEEN 20 AND 86400 AND NOT is_keepalive AND NOT is_popular
        AND epoch(last_at) - epoch(first_at) >= 1800
        -- A named peer on a usual port can never be more than a hint: it is not looked at.
        AND NOT (is_service_port AND name IS NOT NULL)
),
gaps AS (
    SELECT c.host, c.called, c.called_port, c.protocol, f.bytes_out,
        epoch(f."at") - lag(epoch(f."at")) OVER (PARTITION BY c.host, c.called, c.called_port, c.protocol ORDER BY f."at") AS gap
    FROM flows f JOIN candidates c ON f.caller = c.host AND f.called = c.called AND f.protocol = c.protocol AND f.called_port = c.called_port
),
quartiles AS (
    SELECT host, called, called_port, protocol, count(*) AS gaps, quantile_cont(gap, [0.25, 0.5, 0.75]) AS q, mad(gap) AS mad_s,
        median(bytes_out) AS bytes, mad(bytes_out) AS mad_bytes
    FROM gaps WHERE gap >= 1 GROUP BY host, called, called_port, protocol HAVING count(*) >= 15
),
measured AS (
    SELECT host, called, called_port, protocol, gaps, q[2] AS period_s, bytes,
        ((1 - CASE WHEN q[3] - q[1] < 10 OR q[2] = q[1] OR q[2] = q[3] THEN 0 ELSE abs((q[1] + q[3] - 2 * q[2]) / (q[3] - q[1])) END)
            + greatest(0, (q[2] - mad_s) / q[2])) / 2 AS regular,
        CASE WHEN bytes > 0 THEN greatest(0, (bytes - mad_bytes) / bytes) ELSE 0 END AS alike
    FROM quartiles
)
SELECT o.host, o.called, o.called_port, o.protocol,
    least(0.7, CASE WHEN o.is_service_port THEN 0.35 ELSE 0.55 END + CASE WHEN alike >= 0.9 THEN 0.05 ELSE 0 END
        + CASE WHEN o.name IS NULL THEN 0.05 ELSE -0.15 END) AS score,
    o.first_at, o.last_at, o.flows AS rows, 1 AS peers, [o.called] AS examples,
    to_json({period_s: period_s, regular: regular, port: o.called_port, flows: o.flows, seconds: epoch(o.last_at) - epoch(o.first_at), name: o.name}) AS numbers
FROM measured m JOIN outward o ON o.host = m.host AND o.called = m.called AND o.called_port = m.called_port AND o.protocol = m.protocol
WHERE regular >= 0.8
