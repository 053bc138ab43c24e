-- Which host talks through DNS: many long sub-names of one domain, each asked once?
-- In:  lookups. Out: one row a (host, domain). Virus scanners and mail filters ask so too: their domains are known, and what five
-- of our hosts ask so is a service of many, not one host's secret.
WITH asked AS (
    SELECT client, name, type, "at", array_to_string(string_split(name, '.')[-2:], '.') AS domain,
        len(string_split(name, '.')) AS labels
    FROM lookups WHERE name IS NOT NULL
),
domains AS (
    SELECT client, domain, count(*) AS rows, count(DISTINCT name) AS names, avg(length(name) - length(domain)) AS length_mean,
        count(*) FILTER (type IN ('TXT', 'NULL', 'CNAME', 'MX', 'KEY', 'SRV')) AS carrying, min("at") AS first_at, max("at") AS last_at
    FROM asked WHERE labels >= 3 GROUP BY client, domain
)
SELECT client AS host, NULL::UUID AS called, NULL::USMALLINT AS called_port, NULL::VARCHAR AS protocol,
    CASE WHEN names >= 300 AND length_mean >= 40 THEN 0.9 WHEN carrying >= 0.3 * rows AND length_mean >= 25 THEN 0.9 ELSE 0.6 END AS score,
    first_at, last_at, rows, 0 AS peers, []::UUID[] AS examples,
    to_json({domain: domain, names: names, length_mean: length_mean, carrying: carrying}) AS numbers
FROM domains
WHERE domain NOT IN (SELECT domain FROM domains WHERE names >= 20 GROUP BY domain HAVING count(*) >= 5)
    AND names >= 100 AND length_mean >= 20 AND domain NOT IN ('in-addr.arpa', 'ip6.arpa', 'mcafee.com', 'sophosxl.net', 'spamhaus.org',
    'akamaihd.net', 'amazonaws.com', 'cloudfront.net', 'googleusercontent.com', 'windows.net', 'azure.com', 'trendmicro.com', 'barracudacentral.org',
    'e5.sk', 'senderbase.org', 'surbl.org', 'avast.com', 'symantec.com', 'local', 'lan', 'home', 'internal', 'gvt1.com', 'msedge.net', 'office.com', 'co.uk')
