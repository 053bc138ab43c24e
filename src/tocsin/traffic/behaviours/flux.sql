-- Which host asked for a name whose addresses change all the time and lie everywhere?
-- In:  lookups. Out: one row a (host, name). Holz et al. 2008: 1.32 x addresses + 18.54 x networks > 142.38, and short TTLs.
WITH told AS (
    SELECT client, name, "at", ttl_s, len(answers) AS size, unnest(answers) AS answer FROM lookups WHERE rcode = 'NOERROR' AND type IN ('A', 'AAAA') AND ttl_s <= 1800
)
SELECT client AS host, NULL::UUID AS called, NULL::USMALLINT AS called_port, NULL::VARCHAR AS protocol, 0.5 AS score,
    min("at") AS first_at, max("at") AS last_at, count(DISTINCT "at") AS rows, count(DISTINCT answer) AS peers, []::UUID[] AS examples,
    to_json({name: name, addresses: count(DISTINCT answer), networks: count(DISTINCT neighbourhood_of(address_of(answer))), ttl_s: max(ttl_s)}) AS numbers
FROM told WHERE address_of(answer) IS NOT NULL
GROUP BY client, name
-- One answer with many addresses is a provider's; they must change from one look-up to the next.
HAVING count(DISTINCT answer) >= 3 * max(size) AND 1.32 * count(DISTINCT answer) + 18.54 * count(DISTINCT neighbourhood_of(address_of(answer))) > 142.38
