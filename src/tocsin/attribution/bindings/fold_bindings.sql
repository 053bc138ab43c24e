-- Question: which bindings touch the day?
-- In: fold_spans, fold_held, fold_nases, fold_keys, fold_evidence, fold_doubts, read_events (assignments), fold_logs;
-- $this_day. Out: one row a binding, the columns of the lake's table, with its whole span. Ties: none.
-- An hour more on both sides: a sighting's span and margin near midnight need no other day.
SELECT binding_of(n.log, n.nas, k.session, p.network, p.prefix_bits, h.account, p.starts_at) AS binding,
    'session' AS binding_kind, n.log, h.account, p.network, p.prefix_bits,
    NULL::USMALLINT AS port_first, NULL::USMALLINT AS port_last, NULL::VARCHAR AS protocol,
    p.starts_at, p.ends_at, p.doubt_until, p.end_reason, d.doubt,
    v.evidence_sha256 AS first_evidence, h.first_record.line AS first_line,
    w.evidence_sha256 AS last_evidence, h.last_record.line AS last_line
FROM fold_spans p
JOIN fold_held h ON h.sid = p.sid AND h.network = p.network AND h.prefix_bits = p.prefix_bits
JOIN fold_nases n ON n.nas_key = h.nas_key
JOIN fold_keys k ON k.key = h.key
JOIN fold_evidence v ON v.evidence = h.first_record.evidence
JOIN fold_evidence w ON w.evidence = h.last_record.evidence
LEFT JOIN fold_doubts d ON d.sid = p.sid
WHERE p.starts_at < $this_day::TIMESTAMP + INTERVAL 25 HOUR AND p.doubt_until >= $this_day::TIMESTAMP - INTERVAL 1 HOUR
UNION ALL
SELECT binding_of(e.log, e.port_first::VARCHAR, concat(e.protocol, '/', e.port_last), e.network, e.prefix_bits, e.account,
        e."at"),
    'assignment', e.log, e.account, e.network, e.prefix_bits, e.port_first, e.port_last, e.protocol,
    e."at", coalesce(e.until, TIMESTAMP '9999-12-31 00:00:00'), coalesce(e.until, TIMESTAMP '9999-12-31 00:00:00'),
    'assignment', NULL, e.evidence_sha256, e.evidence_line, e.evidence_sha256, e.evidence_line
FROM read_events e
JOIN fold_logs l ON l.log = e.log
WHERE e.status = 'assigned' AND e."at" < $this_day::TIMESTAMP + INTERVAL 25 HOUR
    AND (e.until IS NULL OR e.until >= $this_day::TIMESTAMP - INTERVAL 1 HOUR)
