-- Which host spoke to an address, a name or with a fingerprint that a list names?
-- In:  indicators, outward, lookups, handshakes, own. Out: one row a (host, indicator).
-- Only an answered conversation within the list's dates is proof. A popular address (a content network, shared hosting) never
-- condemns, nor does a fingerprint, which many programs share.
WITH by_address AS (
    SELECT o.host, o.called, o.called_port, o.protocol, i.value, i.list, i.role, i.malware, o.flows, o.answered, o.first_at, o.last_at,
        CASE WHEN o.is_popular THEN 0.4 WHEN o.answered = 0 THEN 0.7 WHEN i.role = 'sinkhole' THEN 0.95 ELSE 0.9 END AS score
    FROM indicators i JOIN outward o ON o.called = i.address
    WHERE i.kind = 'address' AND (i.valid_from IS NULL OR o.last_at >= i.valid_from) AND (i.valid_until IS NULL OR o.first_at <= i.valid_until)
),
asked AS (
    SELECT l.client AS host, i.value, i.list, i.role, i.malware, l."at", l.answers FROM indicators i
    JOIN lookups l ON l.name = i.value OR ends_with(l.name, '.' || i.value)
    WHERE i.kind = 'name' AND (i.valid_from IS NULL OR l."at" >= i.valid_from) AND (i.valid_until IS NULL OR l."at" <= i.valid_until)
),
by_name AS (
    SELECT a.host, NULL::UUID AS called, NULL::USMALLINT AS called_port, NULL::VARCHAR AS protocol, a.value, a.list, a.role, a.malware,
        count(*) AS flows, 0 AS answered, min(a."at") AS first_at, max(a."at") AS last_at,
        -- To look a name up is not to go there: link previews and virus scanners do it too.
        CASE WHEN bool_or(EXISTS (SELECT 1 FROM outward o WHERE o.host = a.host AND o.answered > 0 AND NOT o.is_popular
            AND list_contains(list_transform(a.answers, lambda t: address_of(t)), o.called))) THEN 0.9 ELSE 0.6 END AS score
    FROM asked a GROUP BY a.host, a.value, a.list, a.role, a.malware
),
by_hand AS (
    SELECT h.caller AS host, any_value(h.called) AS called, any_value(h.called_port) AS called_port, 'tcp' AS protocol, i.value, i.list, i.role, i.malware,
        count(*) AS flows, count(*) AS answered, min(h."at") AS first_at, max(h."at") AS last_at,
        CASE WHEN i.kind = 'name' THEN 0.9 ELSE 0.5 END AS score
    FROM indicators i JOIN handshakes h ON (i.kind = 'name' AND h.name = i.value) OR (i.kind = 'ja3' AND h.ja3 = i.value) OR (i.kind = 'ja4' AND h.ja4 = i.value)
    WHERE (i.valid_from IS NULL OR h."at" >= i.valid_from) AND (i.valid_until IS NULL OR h."at" <= i.valid_until)
    GROUP BY h.caller, i.kind, i.value, i.list, i.role, i.malware
)
SELECT host, called, called_port, protocol, score, first_at, last_at, flows AS rows, 1 AS peers,
    CASE WHEN called IS NULL THEN []::UUID[] ELSE [called] END AS examples,
    to_json({flows: flows, value: value, list: list, role: role, malware: malware}) AS numbers
FROM (SELECT * FROM by_address UNION ALL SELECT * FROM by_name UNION ALL SELECT * FROM by_hand)
