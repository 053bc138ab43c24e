-- Which HTTP request (never what was asked for) does each record of eve.json tell of, and if none, why?
-- In:  eve (line, text, kind), $file. Out: one row a record: the columns of `requests`, reject, excerpt.
WITH told AS (
    SELECT line, json_extract_string(text, ['$.timestamp', '$.src_ip', '$.src_port', '$.dest_ip', '$.dest_port', '$.http.hostname', '$.http.http_method', '$.http.http_user_agent', '$.http.status']) AS t
    FROM eve WHERE kind IN ('http')
),
typed AS (SELECT line, t, moment_of(t[1]) AS "at", address_of(t[2]) AS caller, address_of(t[4]) AS called FROM told)
SELECT "at", caller, port_of(t[3]) AS caller_port, called, port_of(t[5]) AS called_port, name_of(t[6]) AS host, upper(bounded_text(t[7], 20)) AS method, bounded_text(t[8], 200) AS agent, TRY_CAST(t[9] AS USMALLINT) AS status, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', t[1]) WHEN caller IS NULL THEN what('not an IP address', t[2])
    WHEN called IS NULL THEN what('not an IP address', t[4]) END AS reject,
    CASE WHEN "at" IS NULL OR caller IS NULL OR called IS NULL THEN left(concat_ws(' ', t[1], t[2], t[4]), 200) END AS excerpt
FROM typed
