-- What has every line said that some rule matches?
-- In:  gathered (Arrow columns, FINDINGS of match.py; read once).
-- Out: the table findings, one row a line: the columns of FINDINGS, ports and protocol judged.
-- Ties: none.
CREATE OR REPLACE TABLE findings AS
SELECT line, rule, machine, pid, host, CASE WHEN port <> '' THEN port_of(port) END AS port, "user" AS account, target,
    peer_address::UUID AS peer, CASE WHEN peer_port <> '' THEN port_of(peer_port) END AS peer_port,
    CASE WHEN protocol <> '' THEN transport_of(protocol) END AS protocol, text, "at", local_at, is_exact, undated,
    address::UUID AS address, origin::UUID AS origin
FROM gathered
