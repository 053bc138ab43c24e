-- Which host delivers mail to many servers, as no mail program does?
-- In:  outward, ends. Out: one row a (host, hour). A mail program hands everything to its provider's one server;
-- a mail server is also written to: whoever is answered on port 25 from outside is one.
WITH hourly AS (
    SELECT host, called_port, date_trunc('hour', first_at) AS hour, count(*) AS peers, sum(flows) AS flows, min(first_at) AS first_at,
        max(last_at) AS last_at, sum(answered) AS answered, list(called ORDER BY first_at)[:20] AS examples,
        count(DISTINCT neighbourhood_of(called)) AS neighbourhoods
    FROM outward WHERE protocol = 'tcp' AND called_port IN (25, 465, 587)
    GROUP BY host, called_port, hour
)
SELECT host, NULL::UUID AS called, called_port, 'tcp' AS protocol,
    CASE WHEN called_port = 25 AND peers >= 30 THEN 0.9 WHEN called_port = 25 THEN 0.7 ELSE 0.6 END AS score,
    first_at, last_at, flows AS rows, peers, examples, to_json({peers: peers, port: called_port, answered: answered}) AS numbers
FROM hourly
WHERE peers >= 10 AND neighbourhoods >= 5
    AND host NOT IN (SELECT address FROM ends WHERE takes_mail)
