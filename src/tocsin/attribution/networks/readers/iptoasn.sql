-- What does each line of iptoasn's table say? `range_start range_end AS country name`, tabs between.
--
-- in   network_lines  line, text
-- out  one row a line but those of AS 0, space that nobody announces
-- ties none

SELECT line, text, first, last, origin, country, NULL AS abuse_contact,
    CASE WHEN fields <> 5 THEN fields || ' fields, wanted 5'
        WHEN range_fault(first, last) IS NOT NULL THEN range_fault(first, last)
        WHEN origin IS NULL THEN 'not an AS number'
        WHEN is_private_asn(origin) THEN 'a private or reserved AS number'
    END AS reject
FROM (
    SELECT line, text, len(parts) AS fields, address_of(parts[1]) AS first, address_of(parts[2]) AS last,
        asn_of(parts[3]) AS origin, country_of(parts[4]) AS country
    FROM (SELECT line, text, string_split(text, chr(9)) AS parts FROM network_lines)
)
WHERE origin IS NULL OR origin <> 0
