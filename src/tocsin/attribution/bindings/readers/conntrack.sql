-- Question: what did Linux's connection tracking (`conntrack -E -o timestamp`) say of the ports that were given?
-- In: log_lines, by syslog_lines (syslog.sql). Out: some of the columns of RECORDS (records.py), one row a record.
-- Ties: none, a line is read by itself.
-- A connection has two tuples: as it was sent, and as its answers come. Where the answers go is the public side, where it was
-- sent from the inside; when both are one address nothing was translated. [UPDATE] says nothing new. ICMP has no ports.
WITH lines AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, host, body,
        contains(body, ' src=') AND contains(body, ' dst=') AS tagged
    FROM syslog_lines('log_lines')
),
told AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body, '\[(NEW|UPDATE|DESTROY)\]', 1) AS event,
        regexp_extract(body, '(?:^|[ :])\[([0-9]{9,11})\.([0-9]{1,9})\]', ['seconds', 'fraction']) AS stamp, regexp_extract(body,
        '(?:\[(?:NEW|DESTROY)\] (?:ipv[46] +[0-9]+ )?|[ \t])([a-z][a-z0-9-]*) +([0-9]{1,3}) (?:[0-9]+ )?(?:[A-Z_0-9]+ )?src=([0-9A-Fa-f.:]+) dst=([0-9A-Fa-f.:]+) '
        || '(sport=([0-9]{1,5}) dport=[0-9]{1,5} )?[^=]*?(?:[a-z]+=[0-9]+ ){0,5}(?:\[UNREPLIED\] )?src=([0-9A-Fa-f.:]+) dst=([0-9A-Fa-f.:]+)'
        || '(?: sport=([0-9]{1,5}) dport=([0-9]{1,5}))?(?: |$)',
        ['protocol', 'number', 'inside', 'peer', 'ports', 'sport', 'answers_from', 'network', 'answers_port', 'port']) AS said,
        regexp_extract(body, ' zone(?:-orig)?=([0-9]+)(?: |$)', 1) AS vrf, regexp_matches(body, ' dport=[0-9]+ .* id=[0-9]+(?: |$)') AS numbered
    FROM lines WHERE tagged
),
ended AS (  -- where connections are numbered, a line that ends in a port is cut short
    SELECT line, text, at_sure, at_local, host, event, stamp, said, vrf,
        numbered OR NOT bool_or(numbered AND event IN ('NEW', 'DESTROY')) OVER () AS whole
    FROM told
)
SELECT line, CASE WHEN event = 'UPDATE' OR (said.network <> '' AND (said.network = said.inside OR said.port || said.ports = '')) THEN ''
        WHEN event = 'NEW' THEN 'start' WHEN event = 'DESTROY' THEN 'stop' END AS status,
    CASE WHEN stamp.seconds = '' THEN at_sure ELSE make_timestamp(TRY_CAST(stamp.seconds || rpad(left(stamp.fraction, 6), 6, '0') AS BIGINT)) END AS moment,
    CASE WHEN stamp.seconds = '' THEN at_local END AS local_at, host AS nas,
    connection_of(said.inside, vrf, said.network, said.port, said.protocol, said.peer || said.ports) AS session,
    said.network, said.port AS port_first, said.port AS port_last, protocol_of(said.protocol) AS protocol, said.inside,
    nullif(nullif(vrf, '0'), '') AS vrf,
    CASE WHEN event = 'UPDATE' THEN NULL WHEN event = '' THEN 'not an event of conntrack -E'
        WHEN NOT whole OR said.network = '' OR (said.ports <> '') <> (said.port <> '') THEN 'a record that is cut short, or of a form that is not known' END AS reject,
    text AS excerpt
FROM ended
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE NOT tagged
