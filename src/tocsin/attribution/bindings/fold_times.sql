-- Question: from when until when was each session on, over all its networks?
-- In: fold_spans, fold_sessions, fold_nases. Out: temporary table fold_times, one row a session. Ties: none.
CREATE OR REPLACE TEMP TABLE fold_times AS
SELECT s.sid, s.key, s.account, s.line, s.last_at, s.stop_at, n.nas, n.accuracy_s,
    min(p.starts_at) AS starts_at, max(p.ends_at) AS ends_at
FROM fold_spans p
JOIN fold_sessions s ON s.sid = p.sid
JOIN fold_nases n ON n.nas_key = s.nas_key
GROUP BY ALL
