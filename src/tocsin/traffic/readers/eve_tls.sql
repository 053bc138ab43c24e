-- Which TLS handshake does each record of eve.json tell of, and if none, why?
-- In:  eve (line, text, kind), $file. Out: one row a record: the columns of `handshakes`, reject, excerpt.
WITH told AS (
    SELECT line, json_extract_string(text, ['$.timestamp', '$.src_ip', '$.src_port', '$.dest_ip', '$.dest_port', '$.tls.sni', '$.tls.ja3.hash', '$.tls.ja4', '$.tls.subject', '$.tls.issuerdn', '$.quic.sni']) AS t
    FROM eve WHERE kind IN ('tls', 'quic')
),
typed AS (SELECT line, t, moment_of(t[1]) AS "at", address_of(t[2]) AS caller, address_of(t[4]) AS called FROM told)
SELECT "at", caller, port_of(t[3]) AS caller_port, called, port_of(t[5]) AS called_port, name_of(coalesce(t[6], t[11])) AS name, lower(bounded_text(t[7], 40)) AS ja3, lower(bounded_text(t[8], 60)) AS ja4, bounded_text(t[9], 300) AS subject, bounded_text(t[10], 300) AS issuer, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', t[1]) WHEN caller IS NULL THEN what('not an IP address', t[2])
    WHEN called IS NULL THEN what('not an IP address', t[4]) END AS reject,
    CASE WHEN "at" IS NULL OR caller IS NULL OR called IS NULL THEN left(concat_ws(' ', t[1], t[2], t[4]), 200) END AS excerpt
FROM typed
