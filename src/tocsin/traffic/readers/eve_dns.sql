-- Which look-up does each dns record of eve.json tell of (versions 1, 2 and 3), and if none, why?
-- In:  eve (line, text, kind), $file. Out: one row a record: the columns of `lookups`, reject, excerpt.
-- Version 1 writes one record an answer; an answer's client is its destination.
WITH told AS (
    SELECT line, text, json_extract_string(text, ['$.timestamp', '$.src_ip', '$.dest_ip', '$.dns.type', '$.dns.rrname', '$.dns.rrtype', '$.dns.rcode',
        '$.dns.rdata', '$.dns.ttl', '$.dns.queries[0].rrname', '$.dns.queries[0].rrtype', '$.src_port']) AS t
    FROM eve WHERE kind = 'dns'
),
typed AS (
    SELECT line, t, moment_of(t[1]) AS "at", t[4] IN ('answer', 'response') OR t[12] = '53' AS is_answer,
        list_concat(CASE WHEN t[8] IS NOT NULL THEN [t[8]] ELSE [] END, coalesce(json_extract_string(text, '$.dns.answers[*].rdata'), [])) AS answers,
        coalesce(seconds_of(t[9]), list_min(list_transform(json_extract_string(text, '$.dns.answers[*].ttl'), lambda s: seconds_of(s)))) AS ttl_s
    FROM told
)
SELECT "at", address_of(CASE WHEN is_answer AND t[12] = '53' THEN t[3] ELSE t[2] END) AS client,
    address_of(CASE WHEN is_answer AND t[12] = '53' THEN t[2] ELSE t[3] END) AS server, name_of(coalesce(t[5], t[10])) AS name,
    upper(bounded_text(coalesce(t[6], t[11]), 20)) AS type, CASE WHEN is_answer THEN upper(bounded_text(t[7], 20)) END AS rcode,
    list_slice(answers, 1, 40) AS answers, ttl_s, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', t[1]) WHEN address_of(t[2]) IS NULL THEN what('not an IP address', t[2]) END AS reject,
    CASE WHEN "at" IS NULL OR address_of(t[2]) IS NULL THEN left(concat_ws(' ', t[1], t[2], t[3]), 200) END AS excerpt
FROM typed
