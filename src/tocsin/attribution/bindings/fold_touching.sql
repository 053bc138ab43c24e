-- Question: which sessions, leases, mappings and assignments touch the day?
-- In: fold_spans, fold_held, fold_nases, fold_keys, fold_evidence, fold_doubts, fold_leases, fold_lease_doubts, fold_vrfs, read_events
-- (assignments), fold_logs; $this_day. Out: one row a binding, the columns of the lake's table, with its whole span, and
-- `inside`, `inside_bits` of a mapping whose account is another log's to tell. Ties: none.
-- An hour more on both sides: a sighting's span and margin near midnight need no other day.
SELECT binding_of(n.log, n.nas, k.session, p.network, p.prefix_bits, h.account, p.starts_at) AS binding,
    CASE WHEN k.block = 0 AND k.inside IS NULL THEN 'session' ELSE 'mapping' END AS binding_kind,
    n.log, h.account, p.network, p.prefix_bits, k.port_first, k.port_last, k.protocol,
    p.starts_at, p.ends_at, p.doubt_until, p.end_reason,
    CASE WHEN n.log IN (SELECT log FROM fold_vrfs) THEN 'several-vrfs' ELSE d.doubt END AS doubt,
    v.evidence_sha256 AS first_evidence, h.first_record.line AS first_line,
    w.evidence_sha256 AS last_evidence, h.last_record.line AS last_line,
    CASE WHEN h.account IS NULL THEN k.inside END AS inside, k.inside_bits
FROM fold_spans p
JOIN fold_held h ON h.sid = p.sid AND h.network = p.network AND h.prefix_bits = p.prefix_bits
JOIN fold_nases n ON n.nas_key = h.nas_key
JOIN fold_keys k ON k.key = h.key
JOIN fold_evidence v ON v.evidence = h.first_record.evidence
JOIN fold_evidence w ON w.evidence = h.last_record.evidence
LEFT JOIN fold_doubts d ON d.sid = p.sid
WHERE p.starts_at < $this_day::TIMESTAMP + INTERVAL 25 HOUR AND p.doubt_until >= $this_day::TIMESTAMP - INTERVAL 1 HOUR
UNION ALL
SELECT binding_of(h.log, 'lease', '', h.network, h.prefix_bits, h.account, h.starts_at), 'lease',
    h.log, h.account, h.network, h.prefix_bits, NULL, NULL, NULL,
    h.starts_at, h.ends_at, h.ends_at, h.end_reason, d.doubt,
    v.evidence_sha256, h.first_record.line, w.evidence_sha256, h.last_record.line, NULL, NULL
FROM fold_leases h
JOIN fold_evidence v ON v.evidence = h.first_record.evidence
JOIN fold_evidence w ON w.evidence = h.last_record.evidence
LEFT JOIN fold_lease_doubts d ON d.holding = h.holding
WHERE h.starts_at < $this_day::TIMESTAMP + INTERVAL 25 HOUR AND h.ends_at >= $this_day::TIMESTAMP - INTERVAL 1 HOUR
UNION ALL
SELECT binding_of(e.log, e.port_first::VARCHAR, concat(e.protocol, '/', e.port_last), e.network, e.prefix_bits, e.account,
        e."at"),
    'assignment', e.log, e.account, e.network, e.prefix_bits, e.port_first, e.port_last, e.protocol,
    e."at", coalesce(e.until, TIMESTAMP '9999-12-31 00:00:00'), coalesce(e.until, TIMESTAMP '9999-12-31 00:00:00'),
    'assignment', NULL, e.evidence_sha256, e.evidence_line, e.evidence_sha256, e.evidence_line, NULL, NULL
FROM read_events e
JOIN fold_logs l ON l.log = e.log
WHERE e.status = 'assigned' AND e."at" < $this_day::TIMESTAMP + INTERVAL 25 HOUR
    AND (e.until IS NULL OR e.until >= $this_day::TIMESTAMP - INTERVAL 1 HOUR)
