-- Which host looked for open doors at many addresses outside?
-- In:  outward, spreading_ports (port), sharing_ports (port). Out: one row a (host, port, hour) with enough; ties: none.
-- The unit is the first contact (Jung et al. 2004, threshold random walk): success 0.8 of an honest host's first contacts
-- and 0.2 of a scanner's, so that each failure weighs as much as one success takes away.
-- Most hosts fail at few: sixteen failures (0.8 of twenty) are looked for first, and only there everything is counted.
WITH suspected AS (
    SELECT host, called_port, date_trunc('hour', first_at) AS hour FROM outward
    WHERE protocol = 'tcp' AND called_port IS NOT NULL AND answered = 0 AND failed > 0
    GROUP BY host, called_port, hour HAVING count(*) >= 16
),
firsts AS (
    SELECT o.host, o.called_port, s.hour, count(*) AS peers, count(*) FILTER (o.answered = 0 AND o.failed > 0) AS failed,
        count(*) FILTER (o.answered > 0) AS answered, sum(o.flows) AS flows, min(o.first_at) AS first_at, max(o.last_at) AS last_at,
        count(*) FILTER (o.name IS NOT NULL) AS named, count(DISTINCT neighbourhood_of(o.called)) AS neighbourhoods,
        list(o.called ORDER BY o.first_at)[:20] AS examples
    FROM outward o JOIN suspected s ON s.host = o.host AND s.called_port = o.called_port AND s.hour = date_trunc('hour', o.first_at)
    WHERE o.protocol = 'tcp'
    GROUP BY o.host, o.called_port, s.hour
)
SELECT host, NULL::UUID AS called, called_port, 'tcp' AS protocol,
    -- A program of equals calls addresses that others told it of, and most of them are gone: it looks for no door.
    CASE WHEN called_port IN (SELECT port FROM sharing_ports) THEN 0.3
        WHEN peers >= 100 AND failed >= 0.9 * peers AND (called_port NOT IN (80, 443) OR peers >= 500) THEN 0.95
        WHEN sp.port IS NOT NULL AND failed >= 0.8 * peers THEN 0.9
        WHEN called_port IN (80, 443, 8080, 8443, 53) THEN CASE WHEN peers >= 30 AND failed >= 0.95 * peers THEN 0.5 ELSE 0.4 END
        ELSE 0.6 END AS score,
    first_at, last_at, flows AS rows, peers, examples,
    to_json({peers: peers, failed: failed, port: called_port, neighbourhoods: neighbourhoods}) AS numbers
FROM firsts LEFT JOIN spreading_ports sp ON sp.port = called_port
WHERE peers >= 20 AND failed >= 0.8 * peers AND (failed - answered) * ln(4) >= ln(99) AND named <= 0.2 * peers
