-- Which look-up does each row of Pi-hole's `queries` tell of, and if none, why?
-- In:  raw (pihole.py's columns), $file. Out: one row a row: the columns of `lookups`, reject, excerpt. The line is the row's number.
WITH typed AS (
    SELECT line, client, name_of(name) AS name, type, rcode, address_of(client) AS address,
        make_timestamp((CASE WHEN moment BETWEEN 0 AND 4102444800 THEN moment END * 1000000)::BIGINT) AS "at", moment
    FROM raw
)
SELECT "at", address AS client, NULL::UUID AS server, name, type, rcode, NULL::VARCHAR[] AS answers, NULL::DOUBLE AS ttl_s, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', moment::VARCHAR) WHEN address IS NULL THEN what('not an IP address', client) END AS reject,
    CASE WHEN "at" IS NULL OR address IS NULL THEN left(concat_ws(' ', client, type, name), 200) END AS excerpt
FROM typed
