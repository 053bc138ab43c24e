-- question: whom would a report about these networks go to?
-- in: {prefixes}, the table in force; $asn, $country, $text (each may be NULL: then everything), $rows_max
-- out: one row an abuse contact and origin, the contact with the most prefixes first; a prefix without a contact has ''
-- ties: by contact, then origin
SELECT
    coalesce(abuse_contact, '') AS abuse_contact, origin, mode(country) AS country, count(*) AS prefixes,
    count(*) FILTER (prefix_bits >= 96 AND is_v4(network)) AS ipv4
FROM {prefixes}
WHERE ($asn IS NULL OR origin = $asn)
    AND ($country IS NULL OR country = $country)
    AND ($text IS NULL OR contains(lower(coalesce(abuse_contact, '')), lower($text)))
GROUP BY coalesce(abuse_contact, ''), origin
ORDER BY prefixes DESC, abuse_contact, origin
LIMIT $rows_max
