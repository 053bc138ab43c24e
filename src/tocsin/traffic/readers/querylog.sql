-- Which look-up does each question of a resolver's log tell of, and if none, why?
-- In:  asked (querylog.py: one row a question), years and clocks (of date_yearless), $file. Out: one row a question: the columns of
--      `lookups`, reject, excerpt. Ties: none. The server is unknown: it is the one that wrote the log.
WITH typed AS (
    SELECT a.line, coalesce(a."at", c."at") AS "at", coalesce(nullif(c.why, ''), nullif(a.undated, ''), 'the line has no moment') AS why,
        a.client, address_of(a.client) AS address, name_of(a.name) AS name, a.type, a.rcode, a.answers
    FROM asked a LEFT JOIN years y ON y.line = a.line LEFT JOIN clocks c ON c.local_at = y.local_at
)
SELECT "at", address AS client, NULL::UUID AS server, name, upper(bounded_text(type, 20)) AS type, nullif(rcode, '') AS rcode,
    string_split(nullif(answers, ''), ' ') AS answers, NULL::DOUBLE AS ttl_s, $file AS file, line,
    CASE WHEN "at" IS NULL THEN why WHEN address IS NULL THEN what('not an IP address', client) END AS reject,
    CASE WHEN "at" IS NULL OR address IS NULL THEN left(concat_ws(' ', client, type, name), 200) END AS excerpt
FROM typed
