-- Which findings may the lines that follow still need: for sessions, and for behaviours over time?
-- In:  findings (dated), $days, $rows_max.
-- Out: the table earlier: those of the last $days before the newest, at most $rows_max, the newest ones.
-- Ties: none.
CREATE OR REPLACE TABLE earlier AS
SELECT line, rule, machine, pid, host, port, account, target, peer, peer_port, protocol, text, "at", local_at, is_exact, undated,
    address, origin
FROM findings
WHERE "at" IS NULL OR "at" > (SELECT max("at") FROM findings) - to_days($days::INTEGER)
ORDER BY line DESC LIMIT $rows_max
