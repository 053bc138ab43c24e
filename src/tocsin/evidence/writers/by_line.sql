-- What did reading make of each record, in the order of the evidence?
-- In:  staged (a view: what stage() wrote), line_rejects (a view: rejects of lines that were no record).
-- Out: one row a sighting or a reject: a sighting's columns, evidence_line, reject, excerpt.
-- Ties: two of one line (a reject and the end of a cut file) by the reject's text.
SELECT id, seen_at, seen_until, precision_s, role, source_ref, address, port, protocol, peer_address, peer_port, peer_name,
    kind, taxonomy, malware, confidence, source, observer, reader, extra, evidence_line, reject, excerpt
FROM staged WHERE reject IS NULL
UNION ALL BY NAME
SELECT evidence_line, reject, excerpt FROM staged WHERE reject IS NOT NULL
UNION ALL BY NAME
SELECT evidence_line, reject, excerpt FROM line_rejects
ORDER BY evidence_line, reject NULLS FIRST, id
