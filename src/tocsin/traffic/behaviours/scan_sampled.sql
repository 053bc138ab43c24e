-- Which host looked for open doors at many addresses outside, where only a sample of its packets was seen?
-- In:  outward, spreading_ports (port), sharing_ports (port). Out: one row a (host, port, day) with enough; ties: none.
-- Of a scanner nearly every packet opens a connection; of an honest host one in five or fewer does, so that a sample of its packets
-- hardly ever holds openings alone. The day stands for scan.sql's hour: a slow scan at 1 in 1,000 shows a few addresses an hour.
WITH firsts AS (
    SELECT host, called_port, date_trunc('day', first_at) AS day, count(*) AS peers, count(*) FILTER (answered = 0 AND failed > 0) AS failed,
        sum(flows) AS flows, min(first_at) AS first_at, max(last_at) AS last_at,
        count(*) FILTER (name IS NOT NULL) AS named, count(DISTINCT neighbourhood_of(called)) AS neighbourhoods,
        list(called ORDER BY first_at)[:20] AS examples
    FROM outward WHERE protocol = 'tcp' AND called_port IS NOT NULL
    GROUP BY host, called_port, day
)
SELECT host, NULL::UUID AS called, called_port, 'tcp' AS protocol,
    CASE WHEN called_port IN (SELECT port FROM sharing_ports) THEN 0.3
        WHEN sp.port IS NOT NULL THEN 0.9
        WHEN called_port IN (80, 443, 8080, 8443, 53) THEN CASE WHEN peers >= 100 THEN 0.5 ELSE 0.4 END
        WHEN peers >= 100 THEN 0.9 ELSE 0.6 END AS score,
    first_at, last_at, flows AS rows, peers, examples,
    to_json({peers: peers, failed: failed, port: called_port, neighbourhoods: neighbourhoods, span: 'a day'}) AS numbers
FROM firsts LEFT JOIN spreading_ports sp ON sp.port = called_port
WHERE peers >= CASE WHEN sp.port IS NOT NULL THEN 10 ELSE 20 END AND failed >= 0.9 * peers AND named <= 0.2 * peers
    AND neighbourhoods >= 5
