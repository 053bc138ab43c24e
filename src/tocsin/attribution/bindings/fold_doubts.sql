-- Question: whose login was used in two places at once, and who was on a line that is not his?
-- In: fold_times, fold_usual (account, line, starts_at, ends_at; what contracts say);
-- $lines_share_accounts. Out: temporary table fold_doubts, one row a doubtful session: sid, doubt.
-- Ties: shared-login before unusual-line. Two lines that are equally frequent are both unusual.
CREATE OR REPLACE TEMP TABLE fold_doubts AS
WITH lines AS (SELECT DISTINCT account, line, starts_at AS next_at FROM fold_times WHERE line IS NOT NULL),
-- Whoever connects again on the same line has left the session whose Stop is missing.
left_at AS (
    SELECT t.sid, t.account, t.starts_at, t.accuracy_s,
        CASE WHEN t.stop_at IS NULL AND l.next_at IS NOT NULL THEN least(t.ends_at, greatest(l.next_at, t.last_at))
            ELSE t.ends_at END AS ends_at
    FROM (SELECT f.*, greatest(last_at - to_seconds(accuracy_s), starts_at + INTERVAL 1 MICROSECOND) AS after_at
        FROM fold_times f WHERE account IS NOT NULL) t
    ASOF LEFT JOIN lines l ON l.account = t.account AND l.line = t.line AND t.after_at <= l.next_at
),
beside AS (
    SELECT sid, starts_at, ends_at, to_seconds(2 * accuracy_s) AS slack,
        max(ends_at) OVER (PARTITION BY account ORDER BY starts_at, ends_at, sid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            AS before_ends_at,
        lead(starts_at) OVER (PARTITION BY account ORDER BY starts_at, ends_at, sid) AS next_starts_at
    FROM left_at
),
shared AS (
    SELECT sid FROM beside
    WHERE NOT $lines_share_accounts
        AND (starts_at + slack < before_ends_at OR next_starts_at + slack < ends_at)
),
-- One session id with two names at once.
renamed AS (
    SELECT a.sid
    FROM (SELECT key FROM fold_times GROUP BY key HAVING count(DISTINCT coalesce(account, 0)) > 1) k
    JOIN fold_times a ON a.key = k.key
    JOIN fold_times b ON b.key = k.key AND b.account IS DISTINCT FROM a.account
        AND a.starts_at <= b.ends_at AND b.starts_at <= a.ends_at
    -- One that a Stop had ended before the other began is another session, even in the same second.
    WHERE NOT coalesce(a.stop_at <= b.starts_at OR b.stop_at <= a.starts_at, false)
),
-- What the contract says: its text may be the name of a circuit, of a port of that server, or of a station.
told AS (
    SELECT t.sid, bool_or(t.line IN (
        line_of('circuit', '', u.line), line_of('port', t.nas, u.line), line_of('station', '', u.line))) AS is_usual
    FROM fold_times t
    JOIN fold_usual u ON u.account = t.account AND u.starts_at <= t.starts_at
        AND (u.ends_at IS NULL OR u.ends_at > t.starts_at)
    WHERE t.line IS NOT NULL
    GROUP BY t.sid
),
counted AS (
    SELECT account, line, count(*) AS times FROM fold_times WHERE account IS NOT NULL AND line IS NOT NULL
    GROUP BY account, line
),
most AS (
    SELECT c.account, min(c.line) AS line
    FROM counted c
    JOIN (SELECT account, max(times) AS times FROM counted GROUP BY account) m
        ON m.account = c.account AND m.times = c.times
    GROUP BY c.account
    HAVING count(*) = 1
),
unusual AS (
    SELECT sid FROM told WHERE NOT is_usual
    UNION ALL
    SELECT t.sid
    FROM fold_times t
    ANTI JOIN told ON told.sid = t.sid
    LEFT JOIN most m ON m.account = t.account
    WHERE t.account IS NOT NULL AND t.line IS NOT NULL AND t.line IS DISTINCT FROM m.line AND NOT $lines_share_accounts
)
SELECT sid, min(doubt) AS doubt  -- shared-login sorts before unusual-line
FROM (
    SELECT sid, 'shared-login' AS doubt FROM shared
    UNION ALL SELECT sid, 'shared-login' FROM renamed
    UNION ALL SELECT sid, 'unusual-line' FROM unusual
)
GROUP BY sid
