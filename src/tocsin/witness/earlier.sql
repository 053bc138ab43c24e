-- What is known of the lines of a log that is followed: the earlier ones and the new ones together.
-- In:  findings (of the new lines), earlier (of the lines before; or none).
-- Out: the table findings, with both.
-- Ties: none, lines are numbered through.
CREATE OR REPLACE TABLE findings AS
SELECT line, rule, machine, pid, host, port, account, target, peer, peer_port, protocol, text, "at", local_at, is_exact, undated,
    address, origin
FROM earlier
UNION ALL
SELECT line, rule, machine, pid, host, port, account, target, peer, peer_port, protocol, text, "at", local_at, is_exact, undated,
    address, origin
FROM findings
