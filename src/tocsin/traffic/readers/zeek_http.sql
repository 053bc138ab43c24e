-- Which HTTP request does each record of Zeek's http.log tell of (never what was asked for), and if none, why?
-- In:  raw (text columns of zeek.py, `line`), $file. Out: one row a record: the columns of `requests`, reject, excerpt.
WITH typed AS (
    SELECT line, ts, orig_h, orig_p, resp_h, resp_p, coalesce(moment_of_epoch(ts), moment_of(ts)) AS "at",
        address_of(orig_h) AS caller, address_of(resp_h) AS called, host, method, user_agent, status_code
    FROM raw
)
SELECT "at", caller, port_of(orig_p) AS caller_port, called, port_of(resp_p) AS called_port,
    name_of(regexp_replace(host, ':[0-9]+$', '')) AS host, upper(bounded_text(method, 20)) AS method,
    bounded_text(user_agent, 200) AS agent, TRY_CAST(status_code AS USMALLINT) AS status, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', ts) WHEN caller IS NULL THEN what('not an IP address', orig_h)
    WHEN called IS NULL THEN what('not an IP address', resp_h) END AS reject,
    CASE WHEN "at" IS NULL OR caller IS NULL OR called IS NULL THEN left(concat_ws(' ', ts, orig_h, resp_h), 200) END AS excerpt
FROM typed
