-- Question: from when until when is each session trusted to have held each of its networks?
-- In: fold_parts, fold_sessions, fold_nases, fold_keys, fold_nas_marks. Out: temporary table fold_spans, one row a session and network.
--   starts_at  the Start; where it was lost, the earliest moment less Acct-Session-Time; where the Start does not name the
--              network, the first record that does
--   ends_at    the Stop; without one the last record and one interim interval more, but not past the next session on the
--              same network, the server's next On or Off, the session's timeout, or the server's falling silent
--   doubt_until  the earliest of those that surely ended it; from ends_at to there nobody knows
-- Ties: of ends at the same moment the reason is the first of next-session, nas, session-timeout, interim.
CREATE OR REPLACE TEMP TABLE fold_silences AS
WITH spoken AS (
    SELECT nas_key, moment FROM fold_parts UNION SELECT nas_key, mark FROM fold_nas_marks
),
paused AS (
    SELECT s.nas_key, s.moment, n.gap_s_max,
        coalesce(lead(s.moment) OVER (PARTITION BY s.nas_key ORDER BY s.moment), max(s.moment) OVER (PARTITION BY n.log))
            - s.moment AS pause
    FROM spoken s JOIN fold_nases n ON n.nas_key = s.nas_key
)
SELECT nas_key, moment AS silent_from FROM paused WHERE pause > to_seconds(gap_s_max);

CREATE OR REPLACE TEMP TABLE fold_held AS
WITH listed AS (
    SELECT sid, network, prefix_bits, min(moment) AS first_at, max(moment) AS last_at, min(began_at) AS began_at,
        bool_or(status = 'start') AS in_start, bool_or(status = 'stop') AS in_stop,
        min({'moment': moment, 'evidence': evidence, 'line': evidence_line}) AS first_record,
        max({'moment': moment, 'evidence': evidence, 'line': evidence_line}) AS last_record
    FROM fold_parts
    WHERE network IS NOT NULL
    GROUP BY sid, network, prefix_bits
),
begun AS (
    SELECT l.sid, l.network, l.prefix_bits, l.first_record, l.last_record, s.key, s.nas_key, s.account, s.from_at,
        s.first_at, s.start_at, s.start_only, s.session_max_s, s.interim_s, s.stop_at,
        s.stop_at IS NOT NULL AND (l.in_stop OR s.bare_stop) AS stopped,
        CASE WHEN l.in_start THEN s.start_at WHEN s.start_at IS NOT NULL THEN l.first_at
            ELSE coalesce(l.began_at, l.first_at) END AS starts_at,
        least(greatest(l.last_at, s.bare_at), s.stop_at) AS last_at
    FROM listed l JOIN fold_sessions s ON s.sid = l.sid
),
-- A Start that comes after the Stop of the same session by its stamp: the session before has a Stop and no Start, and this
-- one nothing but a Start. It is not trusted for a second, yet it ends what others held.
late_starts AS (
    SELECT sid FROM (
        SELECT sid, start_only, lag(stop_at IS NOT NULL AND start_at IS NULL) OVER (PARTITION BY key ORDER BY first_at, start_only, sid)
            AS after_lone_stop
        FROM fold_sessions
    ) WHERE start_only AND after_lone_stop
)
SELECT b.*, greatest(b.starts_at, b.last_at) AS alive_at, d.sid IS NOT NULL AS late_start
FROM begun b LEFT JOIN late_starts d ON d.sid = b.sid;

CREATE OR REPLACE TEMP TABLE fold_spans AS
WITH takers AS (  -- who took a network (and those ports of it), and the earliest that it may have been
    SELECT h.network, h.prefix_bits, k.block, h.starts_at, bool_or(h.from_at IS NULL) AS any_time, min(h.from_at) AS from_at
    FROM fold_held h JOIN fold_keys k ON k.key = h.key GROUP BY h.network, h.prefix_bits, k.block, h.starts_at
),
open AS (
    SELECT h.*, n.accuracy_s, k.block,
        -- A second session or restart within the clocks' accuracy of the last record came after it.
        greatest(h.alive_at - to_seconds(n.accuracy_s), h.starts_at + INTERVAL 1 MICROSECOND) AS after_at,
        to_seconds(coalesce(h.interim_s, n.log_interim_s)) AS trusted
    FROM fold_held h JOIN fold_nases n ON n.nas_key = h.nas_key JOIN fold_keys k ON k.key = h.key
    WHERE NOT h.stopped
),
capped AS (
    SELECT o.sid, o.network, o.prefix_bits, o.late_start, o.starts_at, o.alive_at, o.alive_at + o.trusted AS vouched_until,
        CASE WHEN t.starts_at IS NOT NULL THEN greatest(o.alive_at, t.starts_at) END AS taken_at,
        CASE WHEN t.any_time THEN o.alive_at  -- nobody says since when: it may have been at once
            WHEN t.starts_at IS NOT NULL THEN greatest(o.alive_at, least(t.from_at, t.starts_at)) END AS next_at,
        CASE WHEN m.mark IS NOT NULL THEN greatest(o.alive_at, m.mark) END AS nas_at,
        CASE WHEN o.session_max_s IS NOT NULL
            THEN greatest(o.alive_at, coalesce(o.from_at, o.starts_at) + to_seconds(o.session_max_s)) END AS timeout_at,
        CASE WHEN o.stop_at IS NOT NULL THEN greatest(o.alive_at, o.stop_at) END AS other_stop_at,
        s.silent_from
    FROM open o
    ASOF LEFT JOIN takers t ON t.network = o.network AND t.prefix_bits = o.prefix_bits AND t.block = o.block
        AND o.after_at <= t.starts_at
    ASOF LEFT JOIN fold_nas_marks m ON m.nas_key = o.nas_key AND o.after_at <= m.mark
    ASOF LEFT JOIN fold_silences s ON s.nas_key = o.nas_key AND o.alive_at <= s.silent_from
),
ended AS (
    SELECT sid, network, prefix_bits, starts_at, next_at, nas_at, timeout_at,
        least(taken_at, nas_at, timeout_at, other_stop_at) AS over_at,
        CASE WHEN late_start THEN starts_at
            ELSE least(vouched_until, next_at, nas_at, timeout_at, other_stop_at, silent_from) END AS ends_at
    FROM capped
)
SELECT h.sid, h.network, h.prefix_bits, h.starts_at, greatest(h.stop_at, h.starts_at) AS ends_at,
    greatest(h.stop_at, h.starts_at) AS doubt_until, 'stop' AS end_reason
FROM fold_held h
WHERE h.stopped
UNION ALL
SELECT sid, network, prefix_bits, starts_at, ends_at,
    coalesce(over_at, TIMESTAMP '9999-12-31 00:00:00'),
    CASE WHEN next_at = ends_at THEN 'next-session' WHEN nas_at = ends_at THEN 'nas'
        WHEN timeout_at = ends_at THEN 'session-timeout' ELSE 'interim' END
FROM ended;
