-- Which address has which network card, as a router's own list says?
-- In:  raw (line, text: a line of one of the forms of leases.py), $file. Out: one row a line with both; dnsmasq's first number is when
--      the lease ends, so it names no moment of its own.
WITH parts AS (
    SELECT line, text,
        coalesce(
            nullif(regexp_extract(text, '^\d{1,12} [0-9A-Fa-f:]{17} (\S+) ', 1), ''),
            nullif(regexp_extract(text, '\(([0-9A-Fa-f.:]{3,45})\)', 1), ''),
            nullif(regexp_extract(text, '^([0-9A-Fa-f.:]{3,45}) ', 1), '')
        ) AS told,
        lower(nullif(regexp_extract(text, '(?:^| )([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})(?: |$)', 1), '')) AS mac,
        coalesce(
            nullif(regexp_extract(text, '^\d{1,12} [0-9A-Fa-f:]{17} \S+ (\S+)', 1), ''),
            nullif(regexp_extract(text, '^(\S+) \(', 1), '')
        ) AS name
    FROM raw
)
SELECT NULL::TIMESTAMP AS "at", address_of(told) AS address, mac, nullif(nullif(bounded_text(name, 100), '*'), '?') AS name,
    NULL::VARCHAR AS vendor, 'router' AS told_by, $file AS file, line,
    CASE WHEN address_of(told) IS NULL THEN what('not an IP address', told) END AS reject,
    CASE WHEN address_of(told) IS NULL THEN left(text, 200) END AS excerpt
FROM parts WHERE mac IS NOT NULL AND mac <> '00:00:00:00:00:00'
