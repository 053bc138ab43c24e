-- Question: what do the NAT events that nfdump printed as text say of the ports that were given?
-- In: log_lines, by syslog_lines (syslog.sql), of `-o nel`, `-o nsel`, or a format with %sap %dap %nsap %ndap one after another.
-- Out: some of the columns of RECORDS (records.py), one row a record. Ties: none, a line is read by itself.
-- nfdump names only two of the events, ADD and DELETE; to it the others, blocks of ports among them, are UNKNOW in text.
WITH lines AS MATERIALIZED (
    SELECT line, text, regexp_matches(text, '[.:][0-9]+ +(?:-> +)?[0-9A-Fa-f]+[.:]') AS tagged FROM syslog_lines('log_lines')
),
told AS (
    SELECT line, text, regexp_extract(text, '(?:^| )(ADD|DELETE|CREATE|DENIED|UPDATE|UNKNOW|INVALID|IGNORE)(?: |$)', 1) AS event,
        list_filter(regexp_extract_all(text, '[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?'),
            lambda each: NOT starts_with(each, '1970-'))[1] AS at_text,
        regexp_extract(text, ' ([0-9A-Za-z-]+) +([0-9A-Fa-f.:]+)[.:]([0-9]{1,5}) +(?:-> +)?([0-9A-Fa-f.:]+[.:][0-9.]+) '
            || '+([0-9A-Fa-f.:]+)[.:]([0-9]{1,5}) +(?:-> +)?[0-9A-Fa-f.:]+[.:][0-9.]+(?: |$)',
            ['protocol', 'inside', 'inside_port', 'peer', 'network', 'port']) AS said
    FROM lines WHERE tagged
)
SELECT line, CASE WHEN event IN ('DENIED', 'UPDATE', 'INVALID', 'IGNORE') OR (said.network <> '' AND (said.network = said.inside OR said.port = '0')) THEN ''
        WHEN event IN ('ADD', 'CREATE') THEN 'start' WHEN event = 'DELETE' THEN 'stop' END AS status,
    TRY_CAST(at_text AS TIMESTAMP) AS local_at,
    connection_of(said.inside, NULL, said.network, said.port, said.protocol, said.peer) AS session,
    said.network, said.port AS port_first, said.port AS port_last, protocol_of(said.protocol) AS protocol, said.inside,
    CASE WHEN event IN ('DENIED', 'UPDATE', 'INVALID', 'IGNORE') THEN NULL
        WHEN event = 'UNKNOW' THEN 'an event that nfdump does not name in text: print it with -o json'
        WHEN event = '' OR said.network = '' THEN 'no NAT event: print it with -o nel or -o json' END AS reject,
    text AS excerpt
FROM told
UNION ALL BY NAME
SELECT line, '' AS status FROM lines WHERE NOT tagged
