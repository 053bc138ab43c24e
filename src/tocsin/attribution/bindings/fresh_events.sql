-- Question: which staged events does the lake not hold yet?
-- In: staged_events, account_numbers, known_events (the lake's, of the days touched); $log, $sha256.
-- Out: temporary table fresh_events, one row an event, the columns of lease_events.
-- Ties: of equal events within the file the one on the lowest line is kept. Two are equal when they say the same of the
-- same moment; where they stand is no difference, so a file that has grown adds only what it has grown by.
CREATE OR REPLACE TEMP TABLE fresh_events AS
WITH numbered AS (
    SELECT s.moment, $log AS log, s.nas, s.session, s.status, n.account, s.line_hash, s.network, s.prefix_bits,
        s.port_first, s.port_last, s.protocol, s.session_s, s.session_max_s, s.interim_s, s.until,
        s.inside, s.inside_bits, s.vrf, s.rule, s.ports_each, s.ea_bits, s.psid_offset,
        min(s.evidence_line) AS evidence_line
    FROM staged_events s
    LEFT JOIN account_numbers n ON n.account_name = s.account_name
    GROUP BY ALL
)
SELECT moment AS "at", log, nas, session, status, account, line_hash AS line, network, prefix_bits, port_first, port_last,
    protocol, session_s, session_max_s, interim_s, until,
    inside, inside_bits, vrf, rule, ports_each, ea_bits, psid_offset, $sha256 AS evidence_sha256, evidence_line
FROM numbered n
WHERE NOT EXISTS (
    SELECT 1 FROM known_events k
    WHERE k.log = n.log AND k.at = n.moment AND k.status = n.status
        AND k.nas IS NOT DISTINCT FROM n.nas AND k.session IS NOT DISTINCT FROM n.session
        AND k.account IS NOT DISTINCT FROM n.account AND k.line IS NOT DISTINCT FROM n.line_hash
        AND k.network IS NOT DISTINCT FROM n.network AND k.prefix_bits IS NOT DISTINCT FROM n.prefix_bits
        AND k.session_s IS NOT DISTINCT FROM n.session_s AND k.session_max_s IS NOT DISTINCT FROM n.session_max_s
        AND k.interim_s IS NOT DISTINCT FROM n.interim_s
        AND k.port_first IS NOT DISTINCT FROM n.port_first AND k.port_last IS NOT DISTINCT FROM n.port_last
        AND k.protocol IS NOT DISTINCT FROM n.protocol AND k.until IS NOT DISTINCT FROM n.until
        AND k.inside IS NOT DISTINCT FROM n.inside AND k.inside_bits IS NOT DISTINCT FROM n.inside_bits
        AND k.vrf IS NOT DISTINCT FROM n.vrf
)
