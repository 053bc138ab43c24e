-- What has the log told of, in its order?
-- In:  told_of (sightings.sql).
-- Out: one row a sighting or a reject.
-- Ties: of one line, single lines before behaviours, those by their name.
SELECT id, seen_at, seen_until, precision_s, role, address, port, protocol, peer_address, peer_port, kind, taxonomy,
    confidence, service_name, application, rule, lines, cve, handshake, spared, evidence_line, reject, host, text
FROM told_of
ORDER BY evidence_line, lines NULLS FIRST, rule
