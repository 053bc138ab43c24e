-- Question: what does NFWare's NAT say of the addresses and ports it gives?
-- In: log_lines, by syslog_lines (syslog.sql). Out: some of the columns of RECORDS (records.py), one row a record.
-- Ties: none, a line is read by itself.
-- `A VRF 0 6 INT 10.0.0.1:57938 EXT 192.0.2.1:28475 [DST peer DIR OUT]`: one port of one protocol; without a protocol
-- `EXT 192.0.2.1:1024-1535` is a block for all of them, and a bare `EXT 192.0.2.1` the whole address. A gives, D takes back, I
-- says that it is still so.
WITH lines AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, host, body, regexp_matches(body, '(?:^|[ :])[A-Z] VRF [0-9]+(?: |$)') AS tagged
    FROM syslog_lines('log_lines')
),
told AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        '(?:^|[ :])([ADI]) VRF ([0-9]+)(?: ([0-9]{1,3}))? INT ([0-9A-Fa-f.:]+?)(?::([0-9]{1,5}))? EXT ([0-9.]+)(?::([0-9]{1,5})(?:-([0-9]{1,5}))?)?'
        || '(?: DST ([^ ]+) DIR (?:OUT|IN))?$',
        ['event', 'vrf', 'protocol', 'inside', 'inside_port', 'network', 'first', 'last', 'peer']) AS said
    FROM lines WHERE tagged
)
SELECT line, CASE said.event WHEN 'A' THEN 'start' WHEN 'D' THEN 'stop' WHEN 'I' THEN 'interim' END AS status,
    at_sure AS moment, at_local AS local_at, host AS nas,
    CASE WHEN said.peer <> '' THEN connection_of(said.inside, said.vrf, said.network, said.first, said.protocol, said.peer) END AS session,
    said.network, nullif(said.first, '') AS port_first, nullif(said.last, '') AS port_last,
    nullif(protocol_of(said.protocol), '') AS protocol, said.inside, nullif(said.vrf, '0') AS vrf,
    CASE WHEN said.event = '' THEN 'a record that is cut short, or of a form that is not known'
        WHEN (said.first <> '' AND said.last = '') <> (said.protocol <> '') OR (said.protocol <> '') <> (said.inside_port <> '')
        THEN 'one port has a protocol, a block has none' END AS reject, text AS excerpt
FROM told
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE NOT tagged
