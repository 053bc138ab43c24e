-- Question: what does each attribute of MISP's events say, together with its event?
-- In:  misp_rows (misp.py): a row an address (or a name) of an attribute, and a row an event (is_event). `kind`, and the
--      taxonomy, role and proof that go with it, are there where a tag of its own names one.
-- Out: the columns of TEXTS, in the order of the evidence.
-- Ties: none; an event's number is its own.
-- What MISP shares are indicators: a destination is a server of attackers, a source a lead. Only the attribute's own tag, and a
-- time at which it was seen, say more: an event's tag is about the event as a whole, and `timestamp` is when it was typed.
WITH told AS (
    SELECT a.line, a.moment, a.starts, a.ends, a.address, a.port, a.protocol, a.application, a.peer, a.peer_port, a.peer_name,
        a.source_ref, a.side, a.to_ids, a.category, a.is_seen = 'true' AS is_seen, a.kind <> '' AS is_tagged,
        a.kind AS own_kind, a.taxonomy AS own_taxonomy, a.role AS own_role, a.proof AS own_proof,
        e.kind AS event_kind, e.taxonomy AS event_taxonomy, e.role AS event_role,
        coalesce(nullif(a.malware, ''), e.malware, '') AS malware,
        coalesce(nullif(a.observer, ''), e.observer) AS observer,
        CASE WHEN e.extra IS NULL THEN a.extra WHEN a.extra IS NULL THEN e.extra
            ELSE left(a.extra, -1) || ',' || substr(e.extra, 2) END AS extra
    FROM misp_rows a
    LEFT JOIN misp_rows e ON e.is_event AND e.number = a.number
    WHERE NOT a.is_event
),
kinds AS (
    SELECT line, moment, starts, ends, address, port, protocol, application, peer, peer_port, peer_name, malware, source_ref,
        observer, extra, side, to_ids, is_seen, is_tagged, own_role, own_proof,
        CASE
            WHEN is_tagged THEN own_kind
            WHEN side = 'src' AND event_kind <> '' AND event_role <> 'infrastructure' THEN event_kind
            WHEN side = 'src' THEN 'undetermined'
            WHEN event_role = 'infrastructure' THEN event_kind
            WHEN category = 'Payload delivery' THEN 'malware-distribution'
            WHEN malware <> '' OR category = 'Network activity' THEN 'c2-server'
            ELSE 'undetermined' END AS kind,
        CASE WHEN is_tagged THEN own_taxonomy ELSE event_taxonomy END AS stated_taxonomy
    FROM told
)
SELECT line, moment, starts, ends, address, port, protocol, application, peer, peer_port, peer_name, malware, source_ref, observer,
    kind,
    CASE WHEN kind = 'undetermined' THEN 'other'
        WHEN NOT is_tagged AND list_contains(['malware-distribution', 'c2-server'], kind) THEN 'malicious-code'
        ELSE stated_taxonomy END AS taxonomy,
    CASE
        WHEN is_tagged THEN CASE WHEN is_seen OR own_role = 'infrastructure' THEN own_role ELSE 'lead' END
        WHEN side = 'dst' AND to_ids = 'true' THEN 'infrastructure'
        ELSE 'lead' END AS role,
    CASE WHEN is_tagged THEN own_proof ELSE '' END AS proof,
    '' AS confidence,
    extra
FROM kinds
ORDER BY line
