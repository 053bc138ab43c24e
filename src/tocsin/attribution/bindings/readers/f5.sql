-- Question: what does the large scale NAT of F5 BIG-IP say of the ports it gives?
-- In: log_lines, by syslog_lines (syslog.sql). Out: some of the columns of RECORDS (records.py), one row a record.
-- Ties: none, a line is read by itself.
-- LSN_ADD 10.0.0.1%0:40001 6 192.0.2.1%0:50001 peer port, LSN_DELETE, LSN_INBOUND_ADD/DELETE: one port; `%0` is a route domain.
-- LSN_PB_ALLOCATED/RELEASED inside public:first-last, with or without commas and quotes: a block for all protocols.
WITH lines AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, host, translate(body, '",', '  ') AS body,
        CASE WHEN contains(body, 'LSN_PB_') THEN 'block' WHEN regexp_matches(body, 'LSN_(?:INBOUND_)?(?:ADD|DEL)') THEN 'port'
            ELSE 'other' END AS kind
    FROM syslog_lines('log_lines')
),
ports AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        'LSN_(?:INBOUND_)?(ADD|DELETE):? +([0-9A-Fa-f.:]+)(?:%([0-9]+))?:([0-9]{1,5}) +([0-9A-Za-z]{1,6}) +([0-9.]+)(?:%[0-9]+)?:([0-9]{1,5})(?: (.*))?$',
        ['event', 'inside', 'domain', 'inside_port', 'protocol', 'network', 'port', 'peer']) AS said
    FROM lines WHERE kind = 'port'
),
blocks AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        'LSN_PB_(ALLOCATED|RELEASED):? +([0-9A-Fa-f.:]+)(?:%([0-9]+))?(?: +[A-Za-z/][^ ]*)? +([0-9.]+)(?:%[0-9]+)?(?::| +)([0-9]{1,5})(?:-| +)([0-9]{1,5})(?: |$)',
        ['event', 'inside', 'domain', 'network', 'first', 'last']) AS said
    FROM lines WHERE kind = 'block'
),
told AS (  -- where peers are logged, a line that ends in a port is cut short
    SELECT line, text, at_sure, at_local, host AS nas, said.event, said.peer = '' AND bool_or(said.peer <> '') OVER () AS cut, said.inside, nullif(nullif(said.domain, '0'), '') AS vrf, said.network,
        said.port AS port_first, said.port AS port_last, protocol_of(said.protocol) AS protocol,
        CASE WHEN said.peer <> '' THEN connection_of(said.inside, said.domain, said.network, said.port, said.protocol, said.peer) END AS session
    FROM ports
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas, said.event, false AS cut, said.inside, nullif(nullif(said.domain, '0'), '') AS vrf,
        said.network, said.first AS port_first, said.last AS port_last
    FROM blocks
)
SELECT line, CASE WHEN event IN ('ADD', 'ALLOCATED') THEN 'start' WHEN event IN ('DELETE', 'RELEASED') THEN 'stop' END AS status,
    at_sure AS moment, at_local AS local_at, nas, session, network, port_first, port_last, protocol, inside, vrf,
    CASE WHEN event = '' OR cut THEN 'a record that is cut short, or of a form that is not known' END AS reject, text AS excerpt
FROM told
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE kind = 'other'
