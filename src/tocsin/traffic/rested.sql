-- On which rows does each finding rest, and in which hours?
-- In:  kept (finding, host, called, called_port, protocol, first_at, last_at, on_lookups), flows, lookups, devices.
-- Out: one row a (finding, hour): how many rows, and the places of the first 20.
WITH placed AS (
    SELECT k.finding, date_trunc('hour', f."at") AS hour, f."at", f.file, f.line
    FROM kept k JOIN flows f ON f.caller = k.host
    WHERE NOT k.on_lookups AND (k.called IS NULL OR f.called = k.called) AND (k.called_port IS NULL OR f.called_port = k.called_port)
        AND (k.protocol IS NULL OR f.protocol = k.protocol) AND f."at" BETWEEN k.first_at AND k.last_at
    UNION ALL
    SELECT k.finding, date_trunc('hour', l."at"), l."at", l.file, l.line
    FROM kept k JOIN lookups l ON l.client = k.host
    WHERE k.on_lookups AND l."at" BETWEEN k.first_at AND k.last_at
)
SELECT finding, hour, count(*) AS rows, min({moment: "at", file: file, line: line}, 20) AS places
FROM placed GROUP BY finding, hour ORDER BY finding, hour
