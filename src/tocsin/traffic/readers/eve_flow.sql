-- Which flow does each flow record of eve.json tell of, and if none, why?
-- In:  eve (line, text, kind), $file. Out: one row a record: the columns of `flows`, reject, excerpt.
WITH told AS (
    SELECT line, json_extract_string(text, ['$.flow.start', '$.flow.end', '$.src_ip', '$.src_port', '$.dest_ip', '$.dest_port', '$.proto',
        '$.app_proto', '$.flow.pkts_toserver', '$.flow.pkts_toclient', '$.flow.bytes_toserver', '$.flow.bytes_toclient', '$.flow.state',
        '$.tcp.tcp_flags_ts', '$.tcp.tcp_flags_tc', '$.timestamp', '$.ether.src_mac', '$.icmp_type']) AS t
    FROM eve WHERE kind = 'flow'
),
typed AS (
    SELECT line, t, coalesce(moment_of(t[1]), moment_of(t[16])) AS "at", moment_of(t[2]) AS until, address_of(t[3]) AS caller, address_of(t[5]) AS called,
        coalesce(transport_of(lower(t[7])), 'other') AS protocol, coalesce(count_of(t[9]), 0) AS packets_out, coalesce(count_of(t[10]), 0) AS packets_in,
        coalesce(count_of(t[11]), 0) AS bytes_out, coalesce(count_of(t[12]), 0) AS bytes_in,
        TRY_CAST('0x' || t[14] AS INTEGER) AS flags_out, TRY_CAST('0x' || t[15] AS INTEGER) AS flags_in
    FROM told
)
SELECT "at", caller, CASE WHEN protocol IN ('tcp', 'udp') THEN port_of(t[4]) END AS caller_port, called,
    CASE WHEN protocol IN ('tcp', 'udp') THEN port_of(t[6]) END AS called_port, protocol,
    CASE WHEN protocol IN ('icmp', 'ipv6-icmp') AND t[18] IN ('8', '128') THEN 'echo' WHEN t[8] NOT IN ('failed', 'unknown')
        THEN CASE t[8] WHEN 'tls' THEN 'ssl' ELSE bounded_text(t[8], 40) END END AS service,
    CASE
    WHEN protocol = 'tcp' AND flags_out IS NOT NULL THEN CASE  -- RFC 9293 §3.1: FIN 1, SYN 2, RST 4, ACK 16
        WHEN flags_out & 2 = 0 AND coalesce(flags_in, 0) & 2 = 0 THEN 'midstream' WHEN coalesce(flags_in, 0) & 2 > 0 THEN 'established'
        WHEN coalesce(flags_in, 0) & 4 > 0 THEN 'refused' WHEN packets_in = 0 THEN 'unanswered' ELSE 'midstream' END
    WHEN protocol = 'tcp' THEN CASE WHEN packets_in = 0 THEN 'unanswered' WHEN t[13] = 'new' THEN 'refused' ELSE 'established' END
    WHEN packets_in > 0 THEN 'established' ELSE 'unanswered' END AS state,
    greatest(0, epoch(until) - epoch("at")) AS duration_s, bytes_out, bytes_in, packets_out, packets_in, NULL AS caller_own, NULL AS called_own,
    lower(bounded_text(t[17], 40)) AS caller_mac, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', coalesce(t[1], t[16])) WHEN caller IS NULL THEN what('not an IP address', t[3])
    WHEN called IS NULL THEN what('not an IP address', t[5]) END AS reject,
    CASE WHEN "at" IS NULL OR caller IS NULL OR called IS NULL THEN left(concat_ws(' ', t[1], t[3], t[4], t[5], t[6], t[7]), 200) END AS excerpt
FROM typed
