-- Question: which records belong to one session?
-- In: fold_events, fold_nas_marks, fold_nases. Out, temporary tables:
--   fold_begun     one row a record and network, with a beginning also where it names none
--   fold_parts     the same with the session's number
--   fold_sessions  one row a session
-- A session id names one session after another. Two records belong to the same session when both say that it began
-- after the same Stops and the same restarts of the access server, they name the same account, and the times from its
-- beginning to the record touch (within the accuracy of the log). Nothing here depends on the order of the records.
-- Ties: a Stop and a Start of the same second: the Stop is of the session before, if that had begun earlier.
CREATE OR REPLACE TEMP TABLE fold_begun AS
WITH unsure AS (SELECT DISTINCT key FROM fold_events WHERE began_at IS NULL),
marked AS (
    SELECT e.*, m.mark AS restarted_at
    FROM (SELECT e.* FROM fold_events e SEMI JOIN unsure u ON u.key = e.key) e
    ASOF LEFT JOIN fold_nas_marks m ON m.nas_key = e.nas_key AND e.moment >= m.mark
)
SELECT key, nas_key, network, prefix_bits, status, moment, began_at, began_at AS begins_at,
    account, line, session_max_s, interim_s, evidence, evidence_line
FROM fold_events e ANTI JOIN unsure u ON u.key = e.key
UNION ALL
-- A record without Acct-Session-Time belongs to the session that its id named last, unless the server has restarted.
SELECT key, nas_key, network, prefix_bits, status, moment, began_at,
    coalesce(began_at, last_value(began_at IGNORE NULLS) OVER before, min(moment) OVER (PARTITION BY key, restarted_at)),
    account, line, session_max_s, interim_s, evidence, evidence_line
FROM marked
WINDOW before AS (PARTITION BY key, restarted_at
    ORDER BY moment, coalesce(began_at, moment), CASE status WHEN 'start' THEN 0 WHEN 'interim' THEN 1 ELSE 2 END, began_at
    ROWS UNBOUNDED PRECEDING);

CREATE OR REPLACE TEMP TABLE fold_stop_marks AS
SELECT DISTINCT key, CASE WHEN began_at < moment THEN moment ELSE moment + INTERVAL 1 MICROSECOND END AS mark
FROM fold_begun
WHERE status = 'stop';

-- One row a beginning that the records of one id and account name; most sessions have one. Account 0 is none.
CREATE OR REPLACE TEMP TABLE fold_begins AS
WITH named AS (
    SELECT key, CASE WHEN min(account) = max(account) THEN min(account) ELSE 0 END AS only_account
    FROM fold_begun GROUP BY key
),
begins AS (
    SELECT b.key, any_value(b.nas_key) AS nas_key, coalesce(b.account, a.only_account, 0) AS account, b.begins_at,
        max(b.moment) AS until
    FROM fold_begun b JOIN named a ON a.key = b.key
    GROUP BY b.key, coalesce(b.account, a.only_account, 0), b.begins_at
),
placed AS (
    SELECT b.key, b.nas_key, b.account, b.begins_at, b.until, s.mark AS stopped_at, m.mark AS restarted_at
    FROM begins b
    ASOF LEFT JOIN fold_stop_marks s ON s.key = b.key AND b.begins_at >= s.mark
    ASOF LEFT JOIN fold_nas_marks m ON m.nas_key = b.nas_key AND b.begins_at >= m.mark
),
split AS (
    SELECT p.*, begins_at > max(until) OVER (
        PARTITION BY key, stopped_at, restarted_at, account ORDER BY begins_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + to_seconds(n.accuracy_s) AS apart
    FROM placed p JOIN fold_nases n ON n.nas_key = p.nas_key
),
numbered AS (
    SELECT s.*, count(*) FILTER (apart) OVER (
        PARTITION BY key, stopped_at, restarted_at, account ORDER BY begins_at) AS island
    FROM split s
)
SELECT key, account, begins_at, only_account,
    dense_rank() OVER (ORDER BY key, stopped_at, restarted_at, account, island) AS sid
FROM numbered JOIN named USING (key);

CREATE OR REPLACE TEMP TABLE fold_parts AS
SELECT g.sid, b.key, b.nas_key, nullif(g.account, 0) AS account, b.network, b.prefix_bits, b.status, b.moment, b.began_at,
    b.line, b.session_max_s, b.interim_s, b.evidence, b.evidence_line
FROM fold_begun b
JOIN (SELECT DISTINCT key, coalesce(only_account, 0) AS only_account FROM fold_begins) a ON a.key = b.key
JOIN fold_begins g ON g.key = b.key AND g.account = coalesce(b.account, a.only_account) AND g.begins_at = b.begins_at;

CREATE OR REPLACE TEMP TABLE fold_sessions AS
SELECT sid, any_value(key) AS key, any_value(nas_key) AS nas_key, any_value(account) AS account,
    min(began_at) AS from_at,  -- absent where no record says since when
    min(moment) AS first_at, max(moment) AS last_at,
    min(moment) FILTER (status = 'start') AS start_at,
    min(moment) FILTER (status = 'stop') AS stop_at,
    max(moment) FILTER (network IS NULL) AS bare_at,  -- the last record that names no network: it speaks of all of them
    coalesce(bool_or(status = 'stop' AND network IS NULL), false) AS bare_stop,
    bool_and(status = 'start') AS start_only,
    coalesce(
        (min({'moment': moment, 'line': line}) FILTER (status = 'start' AND line IS NOT NULL)).line,
        (min({'moment': moment, 'line': line}) FILTER (line IS NOT NULL)).line
    ) AS line,
    min(session_max_s) AS session_max_s,
    (max({'moment': moment, 'interim_s': interim_s}) FILTER (interim_s IS NOT NULL)).interim_s AS interim_s
FROM fold_parts
GROUP BY sid;
