-- Whom does each line accuse?
-- In:  findings, rules (number, service_name, does, sessions, …: judge.py).
-- Out: the table accused, one row a line that accuses, suspects or counts: the columns of findings, does.
-- Where a process serves one connection, a line without a host is about the host that the process has named last, or
-- next. A suspicion falls when the same process has let the same user in (within an hour: numbers of processes return).
-- Ties: none, lines are numbered.
CREATE OR REPLACE TABLE accused AS
WITH told AS (
    SELECT f.line, f.rule, f.machine, f.pid, f.host, f.port, f.account, f.target, f.peer, f.peer_port, f.protocol, f.text,
        f."at", f.is_exact, f.undated, f.address, f.origin, r.does, r.sessions AND f.pid <> '' AS is_session
    FROM findings f JOIN rules r ON r.number = f.rule
),
named AS (
    SELECT line, rule, account, target, text, "at", is_exact, undated, does, machine, pid, peer, peer_port, protocol,
        CASE WHEN host <> '' THEN address WHEN before IS NOT NULL THEN before.address ELSE later.address END AS address,
        CASE WHEN host <> '' THEN origin WHEN before IS NOT NULL THEN before.origin ELSE later.origin END AS origin,
        CASE WHEN host <> '' THEN host WHEN before IS NOT NULL THEN before.host ELSE coalesce(later.host, '') END AS host,
        CASE WHEN host <> '' THEN port WHEN before IS NOT NULL THEN before.port ELSE later.port END AS port
    FROM (
        SELECT line, rule, account, target, text, "at", is_exact, undated, does, machine, pid, peer, peer_port, protocol, host,
            address, origin, port,
            CASE WHEN is_session THEN last_value(who IGNORE NULLS) OVER
                (PARTITION BY machine, pid ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) END AS before,
            CASE WHEN is_session THEN first_value(who IGNORE NULLS) OVER
                (PARTITION BY machine, pid ORDER BY line ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) END AS later
        FROM (
            SELECT line, rule, account, target, text, "at", is_exact, undated, does, machine, pid, peer, peer_port, protocol,
                host, address, origin, port, is_session,
                CASE WHEN host <> '' THEN {'address': address, 'origin': origin, 'host': host, 'port': port} END AS who
            FROM told
        )
    )
),
excuses AS (SELECT DISTINCT machine, pid, account, "at" FROM told WHERE does = 'excuses')
SELECT n.line, n.rule, n.account, n.target, n.text, n."at", n.is_exact, n.undated, n.does, n.peer, n.peer_port, n.protocol,
    n.address, n.origin, n.host, n.port
FROM named n
WHERE n.does IN ('accuses', 'suspects', 'counts') AND n.host <> ''
    AND NOT (n.does = 'suspects' AND EXISTS (
        SELECT 1 FROM excuses e WHERE e.machine = n.machine AND e.pid = n.pid AND e.account = n.account
            AND coalesce(abs(epoch(e."at") - epoch(n."at")) < 3600, true)))
