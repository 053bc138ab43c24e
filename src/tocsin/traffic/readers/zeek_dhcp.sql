-- Which address had which network card, as Zeek's dhcp.log (or arp.log) tells, and if nothing, why?
-- In:  raw (text columns of zeek.py, `line`), $file, $told_by. Out: one row a record: the columns of `leases`, reject, excerpt.
WITH typed AS (
    SELECT line, ts, coalesce(moment_of_epoch(ts), moment_of(ts)) AS "at",
        coalesce(assigned_addr, client_addr, requested_addr, orig_h) AS told,
        lower(bounded_text(coalesce(mac, orig_hw, src_mac), 40)) AS mac,
        bounded_text(coalesce(host_name, client_fqdn), 100) AS name, bounded_text(client_software, 100) AS vendor
    FROM raw
)
SELECT "at", address_of(told) AS address, mac, name, vendor, $told_by AS told_by, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', ts) WHEN mac IS NULL THEN 'it names no network card' END AS reject,
    CASE WHEN "at" IS NULL OR mac IS NULL THEN left(concat_ws(' ', ts, told), 200) END AS excerpt
FROM typed WHERE told IS NULL OR address_of(told) IS NULL OR NOT is_no_host(address_of(told))
