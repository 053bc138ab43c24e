-- Question: what do the records that can be used say of each network?
-- In: log_judged (judged.sql). Out: one row a record, some of the columns of EVENTS (staging.py). Ties: none.
SELECT moment, nas, status, network, prefix_bits, line AS evidence_line,
    CASE WHEN status IN ('start', 'interim', 'stop') THEN session END AS session,
    account_name, line_hash, port_first, port_last, protocol, session_s, until, inside, inside_bits, vrf
FROM log_judged
WHERE reject IS NULL AND NOT beside AND status NOT IN ('nas-on', 'nas-off')
UNION ALL BY NAME
SELECT moment, nas, status, line AS evidence_line
FROM log_judged
WHERE reject IS NULL AND NOT beside AND status IN ('nas-on', 'nas-off')
