-- Question: which sessions of this account are open by their last record, and who else says to hold their networks?
-- In: `lease_events` (some days of the lake's table); $account, $moment. Out: one row a log, server, session, account and
-- network that this account has touched: the last status and moment, and when its server last restarted.
-- Ties: of records of one moment a Stop has the last word.
WITH mine AS (
    SELECT DISTINCT network, prefix_bits FROM lease_events
    WHERE account = $account AND network IS NOT NULL AND status IN ('start', 'interim', 'stop')
),
touching AS (
    SELECT e.log, e.nas, e.session, e.account, e.network, e.prefix_bits, e.status, e."at", e.interim_s
    FROM lease_events e SEMI JOIN mine m ON m.network = e.network AND m.prefix_bits = e.prefix_bits
    WHERE e.status IN ('start', 'interim', 'stop') AND e."at" <= $moment
),
stops AS (  -- a Stop that names no network ends all of its session's
    SELECT log, nas, session, max("at") AS stopped_at FROM lease_events
    WHERE status = 'stop' AND "at" <= $moment GROUP BY log, nas, session
),
restarts AS (
    SELECT log, nas, max("at") AS restarted_at FROM lease_events
    WHERE status IN ('nas-on', 'nas-off') AND "at" <= $moment GROUP BY log, nas
)
SELECT t.log, t.nas, t.session, t.account, t.network, t.prefix_bits,
    max(t."at") AS last_at, any_value(s.stopped_at) AS stopped_at, any_value(r.restarted_at) AS restarted_at,
    arg_max(t.interim_s, t."at") FILTER (t.interim_s IS NOT NULL) AS interim_s
FROM touching t
LEFT JOIN stops s ON s.log = t.log AND s.nas = t.nas AND s.session = t.session
LEFT JOIN restarts r ON r.log = t.log AND r.nas = t.nas
GROUP BY t.log, t.nas, t.session, t.account, t.network, t.prefix_bits
ORDER BY t.log, t.nas, t.session, t.account, t.network
LIMIT $rows_max
