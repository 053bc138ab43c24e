-- Question: what does 6WIND's CG-NAT say of the ports it gives?
-- In: log_lines, by syslog_lines (syslog.sql). Out: some of the columns of RECORDS (records.py), one row a record.
-- Ties: none, a line is read by itself.
-- `USER inside (matching rule 1): NEW BLOCK (pool "p", ip public 192.0.2.33, proto 6, port 1 - 512) [at Tue Jun 11 08:03:09 2020]`,
-- DESTROY BLOCK: a block of one protocol. `NEW CONN: fwd proto 6 inside -> peer, back proto 6 peer --> public`: one port.
WITH lines AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, host, body, CASE WHEN NOT contains(body, 'fp-cgnat') THEN 'other'
            WHEN regexp_matches(body, ' (?:NEW|DESTROY) BL|: USER ') THEN 'block'
            WHEN regexp_matches(body, ': (?:NEW|DESTROY) CO') THEN 'port' ELSE 'other' END AS kind
    FROM syslog_lines('log_lines')
),
blocks AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        'fp-cgnat[^ ]*: USER ([0-9A-Fa-f.:]+)(?: \([^)]*\))?: (NEW|DESTROY) BLOCK \((?:pool "[^"]*", )?ip public ([0-9.]+), proto ([0-9A-Za-z-]+), port ([0-9]{1,5}) - ([0-9]{1,5})\)'
        || '(?: at [A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) ([0-9]{4}))?',
        ['inside', 'event', 'network', 'protocol', 'first', 'last', 'month', 'date', 'time', 'year']) AS said
    FROM lines WHERE kind = 'block'
),
ports AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        ': (NEW|DESTROY) CONN: fwd proto ([0-9A-Za-z-]+) ([0-9A-Fa-f.:]+):([0-9]{1,5}) -+> ([^ ,]+), back proto [0-9A-Za-z-]+ [^ ]+ -+> ([0-9.]+):([0-9]{1,5})(?: |$)',
        ['event', 'protocol', 'inside', 'inside_port', 'peer', 'network', 'port']) AS said
    FROM lines WHERE kind = 'port'
),
told AS (  -- the year that stands at a line's end is taken before a header's that has none
    SELECT line, text, at_sure, CASE WHEN said.time = '' THEN at_local ELSE local_at_of(said.year, said.month, said.date, said.time) END AS at_local,
        host AS nas, said.event, said.inside, said.network, said.first AS port_first, said.last AS port_last,
        protocol_of(said.protocol) AS protocol, NULL AS session
    FROM blocks
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas, said.event, said.inside, said.network, said.port AS port_first, said.port AS port_last,
        protocol_of(said.protocol) AS protocol,
        connection_of(said.inside, NULL, said.network, said.port, said.protocol, said.peer) AS session
    FROM ports
)
SELECT line, CASE event WHEN 'NEW' THEN 'start' WHEN 'DESTROY' THEN 'stop' END AS status, at_sure AS moment, at_local AS local_at,
    nas, session, network, port_first, port_last, protocol, inside,
    CASE WHEN event = '' THEN 'a record that is cut short, or of a form that is not known' END AS reject, text AS excerpt
FROM told
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE kind = 'other'
