-- Which look-up does each record of Zeek's dns.log tell of, and if none, why?
-- In:  raw (text columns of zeek.py, `line`), $file. Out: one row a record: the columns of `lookups`, reject, excerpt.
-- Names that devices ask each other (mDNS, LLMNR, NetBIOS) are no look-ups: their answers prove nothing.
WITH typed AS (
    SELECT line, ts, orig_h, resp_h, resp_p, coalesce(moment_of_epoch(ts), moment_of(ts)) AS "at",
        address_of(orig_h) AS client, address_of(resp_h) AS server, name_of(query) AS name, qtype_name, rcode_name,
        rejected, answers, ttls
    FROM raw WHERE coalesce(resp_p, '53') NOT IN ('5353', '5355', '137')
)
SELECT "at", client, server, name, upper(bounded_text(qtype_name, 20)) AS type, upper(bounded_text(rcode_name, 20)) AS rcode,
    list_slice(string_split(left(answers, 4000), ','), 1, 40) AS answers,
    list_min(list_transform(string_split(left(ttls, 400), ','), lambda t: seconds_of(t))) AS ttl_s,
    $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', ts) WHEN client IS NULL THEN what('not an IP address', orig_h) END AS reject,
    CASE WHEN "at" IS NULL OR client IS NULL THEN left(concat_ws(' ', ts, orig_h, resp_h), 200) END AS excerpt
FROM typed
