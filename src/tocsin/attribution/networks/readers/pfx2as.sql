-- What does each line of a RouteViews pfx2as table say? `prefix length origins`, tabs between.
--
-- in   network_lines  line, text
-- out  one row a line
-- ties several origins (`64500_64501`) stand in the order of how many peers saw them: the first is taken. An AS set
--      (`64500,64501`) says that the route was aggregated, not by whom: it is no origin (RFC 6811 §2)

SELECT line, text, first, last_of(first, bits) AS last, origin, NULL AS country, NULL AS abuse_contact,
    CASE WHEN fields <> 3 THEN fields || ' fields, wanted 3'
        WHEN prefix_fault(first, bits) IS NOT NULL THEN prefix_fault(first, bits)
        WHEN origin IS NULL AND contains(origins, ',') THEN 'only an AS set, which is no origin'
        WHEN origin IS NULL THEN 'no public AS number'
    END AS reject
FROM (
    SELECT line, text, fields, first, bits_of_length(length_text, is_v4(first)) AS bits, origins,
        list_filter(list_transform(string_split(origins, '_'), lambda one: asn_of(one)),
            lambda one: one IS NOT NULL AND NOT is_private_asn(one))[1] AS origin
    FROM (
        SELECT line, text, len(parts) AS fields, address_of(parts[1]) AS first, parts[2] AS length_text, parts[3] AS origins
        FROM (SELECT line, text, string_split(text, chr(9)) AS parts FROM network_lines)
    )
)
