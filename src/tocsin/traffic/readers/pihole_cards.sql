-- Which address had which network card, as Pi-hole has seen?
-- In:  raw (pihole.py's cards), $file. Out: one row a pair: the columns of `leases`, reject, excerpt.
SELECT NULL::TIMESTAMP AS "at", address_of(address) AS address, lower(mac) AS mac, bounded_text(name, 100) AS name, NULL::VARCHAR AS vendor,
    'router' AS told_by, $file AS file, line,
    CASE WHEN address_of(address) IS NULL THEN what('not an IP address', address) END AS reject,
    CASE WHEN address_of(address) IS NULL THEN left(address, 200) END AS excerpt
FROM raw
