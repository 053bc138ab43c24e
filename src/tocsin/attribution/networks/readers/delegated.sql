-- What does each line of a registry's delegated(-extended) statistics say?
-- `registry|cc|type|start|value|date|status[|opaque-id[|…]]`; value is a count of addresses for ipv4, a length for ipv6.
--
-- in   network_lines  line, text
-- out  one row a line that gives addresses to a country: no comment, version, summary, AS number, free or reserved space
-- ties none

SELECT line, text, first, CASE WHEN kind = 'ipv4' THEN last_v4 ELSE last_of(first, bits) END AS last,
    NULL AS origin, country, NULL AS abuse_contact,
    CASE WHEN fields < 7 THEN fields || ' fields, wanted 7 or more'
        WHEN kind NOT IN ('ipv4', 'ipv6') THEN 'neither ipv4, ipv6 nor asn'
        WHEN first IS NULL OR is_v4(first) <> (kind = 'ipv4') THEN 'not an address of that family'
        WHEN kind = 'ipv4' AND last_v4 IS NULL THEN 'not a count of addresses'
        WHEN kind = 'ipv6' AND prefix_fault(first, bits) IS NOT NULL THEN prefix_fault(first, bits)
        WHEN country IS NULL THEN 'not a country of two letters'
    END AS reject
FROM (
    SELECT line, text, fields, kind, status, country, first, bits_of_length(amount, false) AS bits,
        CASE WHEN regexp_full_match(amount, '[1-9][0-9]{0,9}') AND is_v4(first)
            AND (first::UHUGEINT - 281470681743360::UHUGEINT) + amount::UHUGEINT <= 4294967296::UHUGEINT
        THEN (first::UHUGEINT + amount::UHUGEINT - 1::UHUGEINT)::UUID END AS last_v4
    FROM (
        SELECT line, text, len(parts) AS fields, country_of(parts[2]) AS country, parts[2] AS code, lower(parts[3]) AS kind,
            address_of(parts[4]) AS first, parts[5] AS amount, lower(parts[7]) AS status,
            len(parts) = 7 AND regexp_full_match(parts[1], '[0-9.]+') AS is_version,
            len(parts) = 6 AND parts[6] = 'summary' AS is_summary
        FROM (
            SELECT line, text, string_split(text, '|') AS parts FROM network_lines WHERE NOT starts_with(text, '#')
        )
    )
    WHERE NOT is_version AND NOT is_summary AND (kind IS NULL OR kind <> 'asn')
        AND (status IS NULL OR status NOT IN ('available', 'reserved')) AND coalesce(upper(code), '') NOT IN ('ZZ', 'XX')
)
