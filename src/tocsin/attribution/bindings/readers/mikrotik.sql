-- Question: what do the firewall's log lines of MikroTik RouterOS say of the ports that were given?
-- In: log_lines, by syslog_lines (syslog.sql). Out: some of the columns of RECORDS (records.py), one row a record.
-- Ties: none, a line is read by itself.
-- `…, NAT (inside:port->public:port)->peer:port, len 60`, and of packets on their way back `NAT peer:port->(public:port->inside:port)`.
-- Only a line with its NAT part says anything. No line says that a mapping ended. ICMP has no ports: it says nothing.
WITH lines AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, host, body, contains(body, ' NAT ') AND contains(body, 'proto ') AND contains(body, '->') AS tagged
    FROM syslog_lines('log_lines')
),
told AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body, 'connection-state:([a-z]+)', 1) AS state,
        regexp_extract(body, '[ ,]proto ([0-9A-Za-z-]+)', 1) AS protocol, regexp_extract(body,
        ', NAT (?:\(([0-9A-Fa-f.:]+):([0-9]{1,5})->([0-9.]+):([0-9]{1,5})\)->([^ ,]+)|([^ ,]+)->\(([0-9.]+):([0-9]{1,5})->([0-9A-Fa-f.:]+):([0-9]{1,5})\)),',
        ['inside', 'inside_port', 'network', 'port', 'peer', 'back_peer', 'back_network', 'back_port', 'back_inside', 'back_inside_port']) AS said,
        regexp_matches(body, ', NAT [^:]*,') AS portless
    FROM lines WHERE tagged
),
mapped AS (
    SELECT line, text, at_sure, at_local, host, state, protocol, portless, said.inside || said.back_inside AS inside,
        said.network || said.back_network AS network, said.port || said.back_port AS port, said.peer || said.back_peer AS peer
    FROM told
)
SELECT line, CASE WHEN portless THEN '' WHEN state = 'new' THEN 'start' ELSE 'interim' END AS status,
    at_sure AS moment, at_local AS local_at, host AS nas, connection_of(inside, NULL, network, port, protocol, peer) AS session,
    network, port AS port_first, port AS port_last, protocol_of(protocol) AS protocol, inside,
    CASE WHEN portless THEN NULL WHEN port = '' OR protocol = '' THEN 'a record that is cut short, or of a form that is not known' END AS reject,
    text AS excerpt
FROM mapped
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE NOT tagged
