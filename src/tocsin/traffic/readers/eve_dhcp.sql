-- Which address had which network card, as eve.json's dhcp records tell, and if nothing, why?
-- In:  eve (line, text, kind), $file. Out: one row a record: the columns of `leases`, reject, excerpt.
WITH told AS (
    SELECT line, json_extract_string(text, ['$.timestamp', '$.dhcp.assigned_ip', '$.dhcp.client_mac', '$.dhcp.hostname',
        '$.dhcp.vendor_class_identifier']) AS t
    FROM eve WHERE kind = 'dhcp' AND coalesce(json_extract_string(text, '$.dhcp.assigned_ip'), '0.0.0.0') <> '0.0.0.0'
)
SELECT moment_of(t[1]) AS "at", address_of(t[2]) AS address, lower(bounded_text(t[3], 40)) AS mac, bounded_text(t[4], 100) AS name,
    bounded_text(t[5], 100) AS vendor, 'dhcp' AS told_by, $file AS file, line,
    CASE WHEN moment_of(t[1]) IS NULL THEN what('not a moment', t[1]) END AS reject,
    CASE WHEN moment_of(t[1]) IS NULL THEN left(concat_ws(' ', t[1], t[2]), 200) END AS excerpt
FROM told
