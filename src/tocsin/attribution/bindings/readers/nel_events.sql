-- Question: what do the NAT events that nfdump printed as JSON say of the ports that were given?
-- In: nel_events (nel.py). Out: some of the columns of RECORDS (records.py), one row an event. Ties: none.
-- RFC 8158 and its drafts number the events differently (a block is given in 16 or in 14, which is a mere pairing of addresses in
-- the other): create and delete are told from each other by the number, one port, a block and a pairing by what is there. A
-- pairing of addresses gives nobody a port, so it says nothing; nor does an event without a number, an ordinary flow.
WITH named AS (
    SELECT line, excerpt,
        list_filter([t_event, first, received], lambda each: each <> '' AND NOT starts_with(each, '1970-01-01'))[1] AS at_text,
        coalesce(ip4_router, ip6_router) AS nas, ingress_vrf AS vrf, nat_event_id AS nat_event, event_id AS firewall_event,
        coalesce(nullif(src6_addr, '::'), nullif(src4_addr, '0.0.0.0')) AS inside,
        coalesce(nullif(src4_xlt_ip, '0.0.0.0'), nullif(src6_xlt_ip, '::')) AS network,
        src_xlt_port AS port, proto AS protocol, coalesce(connect_id, concat(dst4_addr, dst6_addr, ':', dst_port)) AS peer,
        coalesce(pblock_start, '0') <> '0' AS is_block, pblock_start AS block_first, coalesce(pblock_step, '0') AS step,
        CASE WHEN coalesce(pblock_end, '0') <> '0' THEN pblock_end
            ELSE (TRY_CAST(pblock_start AS UINTEGER)::BIGINT + TRY_CAST(pblock_size AS UINTEGER)::BIGINT - 1)::VARCHAR END AS block_last,
        coalesce(src_xlt_port, '0') <> '0' AS is_port
    FROM nel_events
),
told AS (
    SELECT line, excerpt, at_text, nas, vrf, inside, network, protocol, step, is_block, is_port,
        CASE WHEN is_block THEN block_first ELSE port END AS port_first, CASE WHEN is_block THEN block_last ELSE port END AS port_last,
        CASE WHEN NOT is_block THEN connection_of(inside, vrf, network, port, protocol, peer) END AS session,
        CASE WHEN inside = network OR (nat_event IS NULL AND firewall_event IS NULL) THEN ''
            WHEN nat_event IS NULL THEN CASE firewall_event WHEN '1' THEN 'start' WHEN '2' THEN 'stop' ELSE '' END
            WHEN nat_event IN ('1', '4', '6', '8', '10', '14', '16') THEN CASE WHEN is_block OR is_port THEN 'start' ELSE '' END
            WHEN nat_event IN ('2', '5', '7', '9', '11', '15', '17') THEN CASE WHEN is_block OR is_port THEN 'stop' ELSE '' END
            ELSE '' END AS status
    FROM named
)
SELECT line, CASE WHEN status <> '' AND lower(protocol) IN ('1', '58', 'icmp', 'icmp6') AND NOT is_port AND NOT is_block THEN '' ELSE status END AS status,
    CASE WHEN regexp_matches(at_text, '(?:Z|[+-][0-9]{2}:?[0-9]{2})$') THEN moment_of(at_text) END AS moment,
    CASE WHEN regexp_full_match(at_text, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(?:\.[0-9]+)?')
        THEN TRY_CAST(replace(left(at_text, 26), 'T', ' ') AS TIMESTAMP) END AS local_at,
    nas, session, network, port_first, port_last, CASE WHEN protocol <> '0' THEN protocol_of(protocol) END AS protocol, inside,
    nullif(vrf, '0') AS vrf, CASE WHEN status = '' THEN NULL WHEN is_block AND step NOT IN ('0', '1') THEN 'ports with a step between them'
        WHEN NOT is_block AND coalesce(protocol, '0') = '0' THEN 'one port without a protocol'
        WHEN inside IS NULL OR network IS NULL OR port_first IS NULL OR port_last IS NULL
        THEN 'a NAT event without its addresses or ports' END AS reject, excerpt
FROM told
