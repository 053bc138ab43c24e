-- Question: what do Cisco's carrier grade NATs say of the ports they give?
-- In: log_lines, by syslog_lines (syslog.sql). Out: some of the columns of RECORDS (records.py), one row a record.
-- Ties: none, a record is read by itself.
-- IOS XR (CGv6 NAT44, DS-Lite), several records a line: [Event L4 source VRF source-IPv6 public port first last peer port].
-- IOS XE and IOS, one connection a line: %NAT-6-LOG_TRANSLATION and %IPNAT-6-CREATED/DELETED, inside, public, peer, peer.
WITH lines AS MATERIALIZED (
    SELECT line, text, at_sure, at_local, host, body, CASE
            WHEN regexp_matches(body, '(?:^| )(?:NAT44|DSLITE|DSLite) - \[') THEN 'xr'
            WHEN contains(body, 'NAT-6-') AND contains(body, '%') AND regexp_matches(body, '%(?:NAT-6-LOG_TRANSLATION|IPNAT-6-(?:CREAT|DELET)ED):') THEN 'xe'
            ELSE 'other' END AS kind
    FROM syslog_lines('log_lines')
),
records AS (  -- the last one may not close: then its last field may be cut short, and it is refused
    SELECT line, text, at_sure, at_local, host, unnest(regexp_extract_all(body, '\[[^\[\]]*\]?')) AS record
    FROM lines WHERE kind = 'xr'
),
fields AS (
    SELECT line, text, at_sure, at_local, host, record, regexp_extract(record,
        '^\[ ?([A-Za-z]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ \]]+)(?: [^ \]]*)* ?\]$',
        ['event', 'protocol', 'source', 'vrf', 'source6', 'network', 'port', 'first', 'last']) AS said
    FROM records
),
xr AS (
    SELECT line, text, at_sure, at_local, host AS nas,
        CASE WHEN said.event IN ('UserbasedA', 'SessionbasedA', 'SessionbasedAD') THEN 'start'
            WHEN said.event IN ('UserbasedW', 'UserbasedD', 'SessionbasedW', 'SessionbasedD', 'SessionbasedWD') THEN 'stop'
            WHEN regexp_matches(record, '^\[(?:Portblockrunout|TCPseqmismatch|Invalid) .*\]$') THEN '' END AS status,
        CASE WHEN said.source6 IN ('', '-') THEN nullif(said.source, '-') ELSE said.source6 END AS inside,
        nullif(said.vrf, '-') AS vrf, said.network, said.first AS port_first, nullif(said.last, '-') AS port_last,
        CASE WHEN said.protocol <> '-' THEN protocol_of(said.protocol) END AS protocol, NULL AS session, NULL AS zone,
        -- Of a block both ends stand there; of a single port the protocol does.
        said.first = '-' OR (said.last = '-') <> starts_with(said.event, 'Session') OR (said.protocol = '-' AND starts_with(said.event, 'Session'))
            AS odd
    FROM fields
),
translations AS (
    SELECT line, text, at_sure, at_local, host, regexp_extract(body,
        '%(?:NAT-6-LOG_TRANSLATION: (Created|Deleted) Translation|IPNAT-6-(CREATED|DELETED):) ([A-Za-z0-9]+) '
        || '([0-9A-Fa-f.:]+):([0-9]{1,5}) ([0-9.]+):([0-9]{1,5}) ([^ ]+ [^ ]+)(?: ([0-9]+))?',
        ['xe', 'ios', 'protocol', 'inside', 'inside_port', 'network', 'port', 'peer', 'vrf']) AS said,
        -- `<14>123: host: May 21 12:00:01.123 gmt: %…`: the device's own clock, its host before it.
        regexp_extract(body, '^(?:<[0-9]{1,3}>)?(?:[0-9]+: )?(?:([0-9A-Za-z][^ ]*): )?[*.]?([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) (?:([0-9]{4}) )?'
        || '([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?: ([A-Za-z]{2,5}))?: %', ['host', 'month', 'date', 'year', 'time', 'zone']) AS own
    FROM lines WHERE kind = 'xe'
),
xe AS (
    SELECT line, text, at_sure, coalesce(at_local, CASE WHEN own.time <> '' THEN local_at_of(own.year, own.month, own.date, own.time) END) AS at_local,
        CASE WHEN at_local IS NULL THEN nullif(own.zone, '') END AS zone, coalesce(host, nullif(own.host, '')) AS nas,
        CASE WHEN said.xe = 'Created' OR said.ios = 'CREATED' THEN 'start' WHEN said.xe || said.ios <> '' THEN 'stop' END AS status,
        said.inside, nullif(nullif(said.vrf, '0'), '') AS vrf, said.network, said.port AS port_first, NULL AS port_last,
        protocol_of(said.protocol) AS protocol,
        connection_of(said.inside, said.vrf, said.network, said.port, said.protocol, said.peer) AS session, false AS odd
    FROM translations
)
SELECT line, status, at_sure AS moment, at_local AS local_at, zone, nas, session, network, port_first, port_last, protocol, inside, vrf,
    CASE WHEN status = '' THEN NULL WHEN status IS NULL OR odd
        THEN 'a record that is cut short, or of a form that is not known' END AS reject, text AS excerpt
FROM (SELECT line, text, at_sure, at_local, nas, status, inside, vrf, network, port_first, port_last, protocol, session, zone, odd FROM xr
    UNION ALL BY NAME
    SELECT line, text, at_sure, at_local, nas, status, inside, vrf, network, port_first, port_last, protocol, session, zone, odd FROM xe)
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE kind = 'other'
