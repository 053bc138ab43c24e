-- On which rows does each finding rest, and in which hours?
-- In:  kept (finding, name, host, called, called_port, protocol, first_at, last_at, examples, numbers, on_lookups), flows, lookups,
--      handshakes. Out: one row a (finding, hour): how many rows, and the places of the first 20.
-- What is about names rests on the questions for these names, and on no other: what else somebody asked for is nobody's concern.
-- Of a company of strangers the flows to those that are named are shown.
WITH told AS (
    SELECT finding, name, host, called, called_port, protocol, first_at, last_at, examples,
        on_lookups OR (name IN ('indicator', 'mining') AND called IS NULL) AS is_of_names,
        coalesce(numbers ->> 'domain', numbers ->> 'value', numbers ->> 'name') AS about
    FROM kept
),
placed AS (
    SELECT k.finding, date_trunc('hour', f."at") AS hour, f."at", f.file, f.line
    FROM told k JOIN flows f ON f.caller = k.host
    WHERE NOT k.is_of_names AND (k.called IS NULL OR f.called = k.called) AND (k.called_port IS NULL OR f.called_port = k.called_port)
        AND (k.protocol IS NULL OR f.protocol = k.protocol) AND f."at" BETWEEN k.first_at AND k.last_at
        AND (k.name <> 'peers' OR list_contains(k.examples, f.called))
    UNION ALL
    SELECT k.finding, date_trunc('hour', l."at"), l."at", l.file, l.line
    FROM told k JOIN lookups l ON l.client = k.host
    WHERE k.is_of_names AND l."at" BETWEEN k.first_at AND k.last_at
        AND CASE k.name WHEN 'dga' THEN l.rcode = 'NXDOMAIN' WHEN 'flux' THEN l.name = k.about
            ELSE l.name = k.about OR ends_with(l.name, '.' || k.about) END
    UNION ALL
    SELECT k.finding, date_trunc('hour', h."at"), h."at", h.file, h.line
    FROM told k JOIN handshakes h ON h.caller = k.host AND h.name = k.about
    WHERE k.name = 'mining' AND k.is_of_names AND h."at" BETWEEN k.first_at AND k.last_at
)
SELECT finding, hour, count(*) AS rows, min({moment: "at", file: file, line: line}, 20) AS places
FROM placed GROUP BY finding, hour ORDER BY finding, hour
