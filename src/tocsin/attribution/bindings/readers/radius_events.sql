-- Question: what do the records that can be used say of each network they name?
-- In: radius_records, radius_named, radius_networks, staged_rejects. Out: one row a record
-- and network; a record that names no network has one row without one. Ties: none.
SELECT moment, nas, CASE WHEN of_session THEN session END AS session, status,
    CASE WHEN of_session AND account_name <> '' THEN account_name END AS account_name,
    CASE WHEN of_session THEN line_hash END AS line_hash, network, prefix_bits,
    session_s, session_max_s, interim_s, line AS evidence_line
FROM (
    SELECT moment, nas, session, status, account_name, line_hash, session_s, session_max_s, interim_s, line,
        status IN ('start', 'interim', 'stop') AS of_session
    FROM radius_records
    WHERE reject IS NULL AND status <> 'other'
)
LEFT JOIN (
    SELECT DISTINCT line, network, prefix_bits FROM radius_named JOIN radius_networks USING (txt)
) USING (line)
WHERE line NOT IN (SELECT line FROM staged_rejects)
