-- Question: what do the records say of each session, in numbers that are quick to compare?
-- In: read_events (the lake's lease_events of the days read), fold_logs (log, interim_s, gap_s_max, accuracy_s).
-- Out, temporary tables:
--   fold_nases      one row an access server of a log
--   fold_keys       one row a session id of an access server (RFC 2866 §5.5: unique there only, and not for ever), or one
--                   mapping of a NAT device: `block` numbers its ports (0: it has none), `inside` is whom it was made for
--   fold_vrfs       one row a log whose records name several routing tables: an inside address may stand in each of them
--   fold_evidence   one row a file of evidence; numbers follow the order of the SHA-256
--   fold_events     one row a record and network: `moment`, and `began_at`, when the session began by that record
--   fold_nas_marks  one row a moment at which an access server said On or Off (RFC 2866 §5.1): all its sessions are over
-- Ties: records told twice stay twice here; nothing that follows counts them.
CREATE OR REPLACE TEMP TABLE fold_nases AS
SELECT row_number() OVER (ORDER BY e.log, e.nas) AS nas_key, e.log, e.nas, l.accuracy_s, l.interim_s AS log_interim_s, l.gap_s_max
FROM (SELECT DISTINCT log, nas FROM read_events WHERE status IN ('start', 'interim', 'stop', 'nas-on', 'nas-off')) e
JOIN fold_logs l ON l.log = e.log;

CREATE OR REPLACE TEMP TABLE fold_keys AS
SELECT row_number() OVER (ORDER BY n.nas_key, e.session, e.port_first, e.port_last, e.protocol, e.inside, e.inside_bits) AS key,
    CASE WHEN e.port_first IS NULL THEN 0 ELSE hash(e.port_first, e.port_last, e.protocol) END AS block,
    n.nas_key, e.session, e.port_first, e.port_last, e.protocol, e.inside, e.inside_bits
FROM (
    SELECT DISTINCT log, nas, session, port_first, port_last, protocol, inside, inside_bits
    FROM read_events WHERE status IN ('start', 'interim', 'stop')
) e
JOIN fold_nases n ON n.log = e.log AND n.nas = e.nas;

CREATE OR REPLACE TEMP TABLE fold_vrfs AS
SELECT log FROM read_events WHERE inside IS NOT NULL GROUP BY log HAVING count(DISTINCT coalesce(vrf, '')) > 1;

CREATE OR REPLACE TEMP TABLE fold_evidence AS
SELECT row_number() OVER (ORDER BY evidence_sha256)::UINTEGER AS evidence, evidence_sha256
FROM (SELECT DISTINCT evidence_sha256 FROM read_events);

CREATE OR REPLACE TEMP TABLE fold_events AS
SELECT k.key, k.nas_key, e.network, e.prefix_bits, e.status, e."at" AS moment,
    CASE WHEN e.status = 'start' THEN e."at" WHEN e.session_s IS NOT NULL THEN e."at" - to_seconds(e.session_s) END AS began_at,
    e.account, e.line, e.session_max_s, e.interim_s, v.evidence, e.evidence_line
FROM read_events e
JOIN fold_nases n ON n.log = e.log AND n.nas = e.nas
JOIN fold_keys k ON k.nas_key = n.nas_key AND k.session = e.session
    AND k.block = CASE WHEN e.port_first IS NULL THEN 0 ELSE hash(e.port_first, e.port_last, e.protocol) END
    AND k.inside IS NOT DISTINCT FROM e.inside AND k.inside_bits IS NOT DISTINCT FROM e.inside_bits
JOIN fold_evidence v ON v.evidence_sha256 = e.evidence_sha256
WHERE e.status IN ('start', 'interim', 'stop');

CREATE OR REPLACE TEMP TABLE fold_nas_marks AS
SELECT DISTINCT n.nas_key, e."at" AS mark
FROM read_events e JOIN fold_nases n ON n.log = e.log AND n.nas = e.nas
WHERE e.status IN ('nas-on', 'nas-off');
