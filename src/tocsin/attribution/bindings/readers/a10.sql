-- Question: what do A10 Thunder devices say of the ports they give?
-- In: log_lines, by syslog_lines (syslog.sql). Out: some of the columns of RECORDS (records.py), one row a record.
-- Ties: none, a line is read by itself.
-- CEF (`…|A10|…|CGN 106|Nat Port Batch Pool Allocated|…|proto=UDP src=…`), and its ASCII: NAT-UDP-C/F, NAT-TCP-C/D (one port),
-- PortBatchV2Allocated (a block), FIXED-NAT-PORTS (a block for good). Ports are given for each protocol apart where one is named.
WITH lines AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, host, body, CASE
            WHEN contains(body, '|A10|') AND contains(body, '|CGN ') THEN 'cef'
            WHEN contains(body, 'NAT-') AND regexp_matches(body, '(?:^|[ :])NAT-(?:TCP|UDP|ICMP|GRE|ESP|SCTP)-[A-Z]+:') THEN 'port'
            WHEN contains(body, 'FIXED-NAT-PORTS ') THEN 'fixed'
            WHEN contains(body, 'PortBatch') THEN 'batch'
            ELSE 'other' END AS kind
    FROM syslog_lines('log_lines')
),
cef AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body, '\|CGN [0-9]+\|Nat (Port Batch|Port|Session)(?: [A-Za-z0-9]+)* (Allocated|Freed|Created|Deleted|Interim[A-Za-z ]*)\|',
            ['what', 'event']) AS head,
        contains(body, 'sourceTranslatedAddress=') AS translates,
        regexp_extract(body, '[ |]proto=([A-Za-z0-9]+) ', 1) AS protocol,
        regexp_extract(body, '[ |]src=([0-9A-Fa-f.:]+) ', 1) AS source, regexp_extract(body, ' c6a2=([0-9A-Fa-f:]+) ', 1) AS source6,
        regexp_extract(body, ' sourceTranslatedAddress=([0-9A-Fa-f.:]+) sourceTranslatedPort=([0-9]{1,5})(?: |$)', ['network', 'port']) AS public,
        regexp_extract(body, ' cn3=([0-9]{1,5}) cn3Label=Last', 1) AS last,
        -- Of ports with a step between them the first and the last say nothing about those in the middle.
        regexp_matches(body, ' cn[0-9]=[^1 ][0-9]* cn[0-9]Label=[A-Za-z ]*(?:Step|Interval)') AS stepped,
        regexp_extract(body, '^[^ ]+/([0-9A-Za-z_.-]+) +(?:CEF:)?0\|A10\|', 1) AS partition,
        CASE WHEN contains(body, '|Nat Session ') THEN regexp_extract(body, ' dst=[^ ]+ dpt=[0-9]+ ') END AS peer
    FROM lines WHERE kind = 'cef'
),
ports AS (  -- `a:p -> b: q`, `a:p<-->b:q to peer`, or both tuples: a:p<->peer, then the public side and the peer in either order
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        'NAT-([A-Z]+)-([A-Z]+): ([0-9A-Fa-f.:]+):([0-9]{1,5}) ?(?:->|<-->) ?([0-9.]+): ?([0-9]{1,5})(?: to ([^ ]+))?(?: |$)',
        ['protocol', 'event', 'inside', 'inside_port', 'network', 'port', 'peer']) AS one, regexp_extract(body,
        'NAT-([A-Z]+)-([A-Z]+): ([0-9A-Fa-f.:]+):([0-9]{1,5})<->([^ ,<>]+), ?([^ ,<>]+)<-->([^ ,<>]+)(?: |$)',
        ['protocol', 'event', 'inside', 'inside_port', 'peer', 'first', 'second']) AS both_ways
    FROM lines WHERE kind = 'port'
),
sides AS (
    SELECT line, text, at_sure, at_local, host, coalesce(nullif(one.protocol, ''), both_ways.protocol) AS protocol,
        coalesce(nullif(one.event, ''), both_ways.event) AS event, coalesce(nullif(one.inside, ''), both_ways.inside) AS inside,
        nullif(coalesce(nullif(one.peer, ''), both_ways.peer), '') AS peer, CASE
            WHEN one.network <> '' THEN one.network || ':' || one.port
            WHEN both_ways.first = both_ways.peer THEN both_ways.second
            WHEN both_ways.second = both_ways.peer THEN both_ways.first ELSE '' END AS public
    FROM ports
),
blocks AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        '(FIXED)-NAT-PORTS ([0-9A-Fa-f.:]+) ?-> ?([0-9.]+): ?([0-9]{1,5})-([0-9]{1,5})(?: |$)',
        ['event', 'inside', 'network', 'first', 'last']) AS said
    FROM lines WHERE kind = 'fixed'
    UNION ALL
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        'PortBatch(?:V[0-9])?(Allocated|Freed): ?\[([0-9A-Fa-f.:]+) ([0-9.]+) ([0-9]{1,5}) ([0-9]{1,5})\]',
        ['event', 'inside', 'network', 'first', 'last']) AS said
    FROM lines WHERE kind = 'batch'
),
told AS (
    SELECT line, text, at_sure, at_local, host AS nas, CASE WHEN head.event IN ('Allocated', 'Created') THEN 'start'
            WHEN head.event IN ('Freed', 'Deleted') THEN 'stop' WHEN starts_with(head.event, 'Interim') THEN 'interim'
            WHEN NOT translates AND contains(text, '=') THEN '' END AS status,
        coalesce(nullif(source, ''), source6) AS inside, public.network, public.port AS port_first,
        CASE WHEN head.what = 'Port Batch' THEN last ELSE public.port END AS port_last, protocol_of(protocol) AS protocol,
        CASE WHEN partition NOT IN ('', 'shared') THEN partition END AS vrf, stepped AS odd,
        CASE WHEN head.what = 'Session' THEN connection_of(source, NULL, public.network, public.port, protocol, peer) END AS session
    FROM cef
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas, CASE WHEN event IN ('C', 'A') THEN 'start' WHEN event IN ('F', 'D') THEN 'stop' END AS status,
        inside, regexp_extract(public, '^(.*):([0-9]{1,5})$', 1) AS network, regexp_extract(public, '^(.*):([0-9]{1,5})$', 2) AS port_first,
        NULL AS port_last, protocol_of(protocol) AS protocol, NULL AS vrf, false AS odd,
        CASE WHEN peer IS NOT NULL THEN connection_of(inside, NULL, public, NULL, protocol, peer) END AS session
    FROM sides
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, host AS nas, CASE WHEN said.event IN ('FIXED', 'Allocated') THEN 'start' WHEN said.event = 'Freed' THEN 'stop' END AS status,
        said.inside, said.network, said.first AS port_first, said.last AS port_last, NULL AS protocol, NULL AS vrf, false AS odd, NULL AS session
    FROM blocks
)
SELECT line, status, at_sure AS moment, at_local AS local_at, nas, session, network, port_first, port_last, protocol, inside, vrf,
    CASE WHEN status = '' THEN NULL WHEN odd THEN 'ports with a step between them'
        WHEN status IS NULL OR inside = '' OR network = '' OR port_first = '' OR port_last = '' OR protocol = ''
        THEN 'a record that is cut short, or of a form that is not known' END AS reject, text AS excerpt
FROM told
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE kind = 'other'
