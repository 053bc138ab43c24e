-- Which address did dnsmasq give to which network card?
-- In:  raw (querylog.py's leases), $file. Out: one row a pair: the columns of `leases`, reject, excerpt.
SELECT "at", address_of(client) AS address, mac, nullif(bounded_text(name, 100), '') AS name, NULL::VARCHAR AS vendor, 'dhcp' AS told_by,
    $file AS file, line,
    CASE WHEN address_of(client) IS NULL THEN what('not an IP address', client) END AS reject,
    CASE WHEN address_of(client) IS NULL THEN left(client, 200) END AS excerpt
FROM raw
