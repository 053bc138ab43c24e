-- How much was seen of each autonomous system?
-- In:   numbered and found as reported.sql has them; $rows_max, $contacts_max.
-- Out:  one row a system, that with the most sightings first; of IPv6 an address is a network of 64 bits.
-- Ties: the lower number first; of its contacts the first ones by name, of its countries the first one.
SELECT
    f.origin,
    min(f.country) AS country,
    count(*) AS sightings,
    count(*) FILTER (s.address::VARCHAR LIKE '00000000-0000-0000-0000-ffff%') AS ipv4_sightings,
    count(DISTINCT CASE
        WHEN s.address::VARCHAR LIKE '00000000-0000-0000-0000-ffff%' THEN s.address ELSE network_of(s.address, 64)
    END) AS addresses,
    list_slice(list_sort(list_distinct(list(f.abuse_contact))), 1, $contacts_max) AS contacts
FROM numbered s
JOIN found f ON f.number = s.number
WHERE f.origin IS NOT NULL
GROUP BY f.origin
ORDER BY sightings DESC, f.origin
LIMIT $rows_max
