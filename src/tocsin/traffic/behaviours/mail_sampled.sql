-- Which host delivers mail to many servers, where only a sample of its packets was seen?
-- In:  outward, all_flows (of every host). Out: one row a (host, port, day). As mail.sql, over a day; whoever is spoken to on port 25 from outside
-- is taken for a mail server, since the answer may not be in the sample.
WITH daily AS (
    SELECT host, called_port, date_trunc('day', first_at) AS day, count(*) AS peers, sum(flows) AS flows, min(first_at) AS first_at,
        max(last_at) AS last_at, sum(answered) AS answered, list(called ORDER BY first_at)[:20] AS examples,
        count(DISTINCT neighbourhood_of(called)) AS neighbourhoods
    FROM outward WHERE protocol = 'tcp' AND called_port IN (25, 465, 587)
    GROUP BY host, called_port, day
)
SELECT host, NULL::UUID AS called, called_port, 'tcp' AS protocol,
    CASE WHEN called_port = 25 AND peers >= 30 THEN 0.9 WHEN called_port = 25 THEN 0.7 ELSE 0.6 END AS score,
    first_at, last_at, flows AS rows, peers, examples,
    to_json({peers: peers, port: called_port, answered: answered, span: 'a day'}) AS numbers
FROM daily
WHERE peers >= 10 AND neighbourhoods >= 5 AND host NOT IN (SELECT called FROM all_flows WHERE called_port = 25 AND protocol = 'tcp')
