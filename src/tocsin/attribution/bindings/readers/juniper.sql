-- Question: what do Junos devices say of the ports they give?
-- In: log_lines, by syslog_lines (syslog.sql); $zone, the log's zone, or NULL.
-- Out: some of the columns of RECORDS (records.py), one row a record. Ties: none, a line is read by itself.
-- Blocks of ports: RT_SRC_NAT_PBA_* of SRX and MX-SPC3 (names and values, or prose), *_NAT_PORT_BLOCK_* of MS-MPC and MS-DPC.
-- Connections: RT_FLOW_SESSION_* and APPTRACK_SESSION_* (the same two ways), *_SESSION_OPEN and _CLOSE of MS-MPC.
-- An INTERIM repeats the epoch of its block's ALLOC, and so is a start then, should the ALLOC have been lost. A RELEASE of
-- RT_NAT carries its own epoch. Of a trailing number in MS-MPC's RELEASE nobody says whose it is: the header's time is taken.
WITH tagged AS (
    SELECT line, text, at_sure, at_local, host, body, contains(body, '="') AS named,
        CASE WHEN contains(body, 'RT_SRC_NAT_PBA_') OR contains(body, 'NAT_PORT_BLOCK_') OR contains(body, 'SESSION_')
            THEN regexp_extract(body, '(?:RT_SRC_NAT_PBA|[A-Z]+(?:_LOG)?_NAT_PORT_BLOCK|RT_FLOW_SESSION|APPTRACK_SESSION'
                || '|JSERVICES_SESSION|ASP_SESSION|MSVCS_LOG_SESSION)_[A-Z_]*')
            ELSE '' END AS tag
    FROM syslog_lines('log_lines')
),
kinds AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, body, CASE WHEN NOT regexp_matches(host, '^[0-9]{4}-') THEN host END AS host, CASE
            WHEN tag = '' OR regexp_matches(tag, 'SESSION_(?:DENY|VOL_UPDATE|ROUTE_UPDATE)') THEN 'other'
            WHEN contains(tag, '_PBA_') THEN CASE WHEN named THEN 'pba-named' ELSE 'pba-prose' END
            WHEN contains(tag, '_BLOCK_') THEN 'block'
            WHEN contains(tag, 'RT_FLOW') OR contains(tag, 'APPTRACK') THEN CASE WHEN named THEN 'flow-named' ELSE 'flow-prose' END
            ELSE 'session' END AS kind,
        CASE regexp_extract(tag, '(?:PBA|BLOCK|SESSION)_(ALLOC|ACTIVE|INTERIM|RELEASE|CREATE|OPEN|CLOSE)(?:_LS|_USF)?$', 1)
            WHEN 'ALLOC' THEN 'start' WHEN 'CREATE' THEN 'start' WHEN 'OPEN' THEN 'start' WHEN 'ACTIVE' THEN 'interim'
            WHEN 'INTERIM' THEN 'interim' WHEN 'RELEASE' THEN 'stop' WHEN 'CLOSE' THEN 'stop' END AS status
    FROM tagged
),
prose AS (
    SELECT line, text, at_sure, at_local, host, status, kind, regexp_extract(body,
        ': Subscriber ([0-9A-Fa-f.:]+) .*port block \[([0-9]{1,5})-([0-9]{1,5})\] from ([0-9A-Fa-f.:]+) in source pool '
        || '[^ ]+(?: lsys_id: ([0-9]+))?(?: epoch 0x([0-9A-Fa-f]{8,16}))?(?: |$)',
        ['inside', 'first', 'last', 'network', 'vrf', 'epoch']) AS said
    FROM kinds WHERE kind = 'pba-prose'
),
blocks AS (
    SELECT line, text, at_sure, at_local, host, status, kind, regexp_extract(body,
        '(?:([^ :{}]+)\{[^}]*\})?(?:\[[A-Za-z-]+\])?(?:: ?)?[A-Z_]+_NAT_PORT_BLOCK_[A-Z]+: ([0-9A-Fa-f.:]+) -> '
        || '([0-9.]+):([0-9]{1,5})-([0-9]{1,5})(?:[ ,;]+0x([0-9A-Fa-f]{8,16}))?(?:[ ,;]|$)',
        ['node', 'inside', 'network', 'first', 'last', 'epoch']) AS said
    FROM kinds WHERE kind = 'block'
),
sessions AS (
    SELECT line, text, at_sure, at_local, host, status, kind, regexp_extract(body,
        '[ ,]([0-9A-Fa-f.:]+):[0-9]{1,5} \[([0-9.]+):([0-9]{1,5})\] -> ([^ ]+) .*\(([A-Za-z0-9]+)\)',
        ['inside', 'network', 'port', 'peer', 'protocol']) AS said, contains(body, '] -> ') OR NOT contains(body, ' -> ') AS nat
    FROM kinds WHERE kind = 'session'
),
flows AS (
    SELECT line, text, at_sure, at_local, host, status, kind, regexp_extract(body,
        'session (?:created|closed(?: [^0-9:][^:]*:)?) ([0-9A-Fa-f.:]+)/([0-9]{1,5})->[^ ]+ (?:[^ ]+ ){1,4}'
        || '([0-9A-Fa-f.:]+)/([0-9]{1,5})->[0-9A-Fa-f.:]+/[0-9]{1,5} (?:0x[0-9A-Fa-f]+ (?:[a-z]+ rule|N/A) [^ ]+ (?:[a-z]+ rule|N/A)'
        || ' [^ ]+|[^ ]+ [^ ]+) ([0-9]{1,3}) [^ ]+ [^ ]+ [^ ]+ ([0-9]+)(?: [0-9]+\([0-9]+\) [0-9]+\([0-9]+\) ([0-9]+))?(?: |$)',
        ['inside', 'inside_port', 'network', 'port', 'protocol', 'session', 'seconds']) AS said
    FROM kinds WHERE kind = 'flow-prose'
),
told AS (
    SELECT line, text, at_sure, at_local, host AS nas, status, kind,
        named_value(body, 'internal-ip') AS inside, named_value(body, 'reflexive-ip') AS network,
        named_value(body, 'block-port-low') AS port_first, named_value(body, 'block-port-high') AS port_last,
        nullif(named_value(body, 'logical-system-id'), '0') AS vrf, epoch_of(named_value(body, 'epoch-time-64')) AS epoch
    FROM kinds WHERE kind = 'pba-named'
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas, status, kind, said.inside, said.network,
        said.first AS port_first, said.last AS port_last, nullif(said.vrf, '0') AS vrf, epoch_of(said.epoch) AS epoch
    FROM prose
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, coalesce(host, said.node) AS nas, status, kind, said.inside, said.network,
        said.first AS port_first, said.last AS port_last, CASE WHEN status <> 'stop' THEN epoch_of(said.epoch) END AS epoch
    FROM blocks
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas, CASE WHEN nat THEN status ELSE '' END AS status, kind,
        said.inside, said.network, said.port AS port_first, said.port AS port_last, protocol_of(said.protocol) AS protocol,
        connection_of(said.inside, NULL, said.network, said.port, protocol_of(said.protocol), said.peer) AS session
    FROM sessions
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas,
        CASE WHEN said.inside <> '' AND said.inside = said.network THEN '' ELSE status END AS status, kind,
        said.inside, said.network, said.port AS port_first, said.port AS port_last, protocol_of(said.protocol) AS protocol,
        concat_ws('|', said.inside, said.network, said.port, said.session) AS session, said.seconds AS session_s
    FROM flows
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas,
        CASE WHEN inside <> '' AND (inside = network OR without) THEN '' ELSE status END AS status, kind,
        inside, network, port_first, port_first AS port_last, protocol,
        concat_ws('|', inside, network, port_first, session) AS session, session_s
    FROM (SELECT line, text, at_sure, at_local, host, status, kind,
            named_value(body, 'source-address') AS inside, named_value(body, 'nat-source-address') AS network,
            named_value(body, 'nat-source-port') AS port_first, protocol_of(named_value(body, 'protocol-id')) AS protocol,
            regexp_extract(body, ' session-id(?:-32)?="([0-9]+)"', 1) AS session, named_value(body, 'elapsed-time') AS session_s,
            NOT contains(body, 'nat-source-') AND contains(body, '"]') AS without
        FROM kinds WHERE kind = 'flow-named')
),
judged AS (
    SELECT line, text, at_sure, at_local, nas, status, inside, network, port_first, port_last, vrf, epoch, protocol, session, session_s,
        CASE WHEN status = '' THEN NULL
            WHEN status IS NULL OR inside = '' OR network = '' OR port_first = '' OR port_last = '' OR protocol = ''
            THEN 'a record that is cut short, or of a form that is not known' END AS reject
    FROM told
),
split AS (
    SELECT line, text, nas, inside, network, port_first, port_last, vrf, protocol, session, session_s, reject, epoch, at_sure, at_local,
        unnest(CASE WHEN status <> 'interim' OR epoch IS NULL OR reject IS NOT NULL THEN [status]
            WHEN at_sure IS NOT NULL OR (at_local IS NOT NULL AND $zone::VARCHAR IS NOT NULL) THEN ['start', 'interim']
            ELSE ['start'] END) AS status
    FROM judged
)
SELECT line, status, CASE WHEN status = 'interim' THEN at_sure ELSE coalesce(epoch, at_sure) END AS moment,
    CASE WHEN status = 'interim' OR epoch IS NULL THEN at_local END AS local_at,
    nas, session, network, port_first, port_last, protocol, inside, vrf, session_s, reject, text AS excerpt
FROM split
UNION ALL BY NAME
SELECT line, '' AS status FROM kinds WHERE kind = 'other'
