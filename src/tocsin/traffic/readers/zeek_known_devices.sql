-- Which name did a network card tell DHCP, as Zeek's known_devices.log has it? It names no address.
-- In:  raw (text columns of zeek.py, `line`), $file, $told_by. Out: one row a record: the columns of `leases`, reject, excerpt.
WITH typed AS (
    SELECT line, ts, coalesce(moment_of_epoch(ts), moment_of(ts)) AS "at", lower(bounded_text(mac, 40)) AS mac,
        bounded_text(dhcp_host_name, 100) AS name
    FROM raw
)
SELECT "at", NULL::UUID AS address, mac, name, NULL::VARCHAR AS vendor, $told_by AS told_by, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', ts) WHEN mac IS NULL THEN 'it names no network card' END AS reject,
    CASE WHEN "at" IS NULL OR mac IS NULL THEN left(concat_ws(' ', ts, mac), 200) END AS excerpt
FROM typed
