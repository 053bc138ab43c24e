-- Which flow does each record of Argus's (ra's) table tell of, and if none, why?
-- In:  raw (text columns of argus.py, `line`), $file. Out: one row a record: the columns of `flows`, reject, excerpt.
-- Records of other layers (arp, llc, man) tell of no flow.
WITH typed AS (
    SELECT line, starttime, srcaddr, dstaddr, moment_of(replace(starttime, '/', '-')) AS "at", seconds_of(dur) AS duration_s, lower(trim(proto)) AS proto,
        trim(dir) AS dir, upper(trim(state)) AS state, address_of(srcaddr) AS source, address_of(dstaddr) AS target, sport, dport,
        coalesce(count_of(totpkts), 0) AS packets, coalesce(count_of(totbytes), 0) AS bytes, coalesce(count_of(srcbytes), 0) AS source_bytes,
        count_of(srcpkts) AS source_packets
    FROM raw WHERE lower(trim(proto)) IN ('tcp', 'udp', 'icmp', 'ipv6-icmp', 'gre', 'esp', 'igmp', 'rtp', 'rtcp', 'udt', 'sctp')
),
shared AS (
    SELECT *, CASE WHEN proto IN ('rtp', 'rtcp', 'udt') THEN 'udp' ELSE proto END AS protocol, least(source_bytes, bytes) AS bytes_a,
        coalesce(least(source_packets, packets), CASE WHEN bytes > 0 THEN greatest(1, round(packets * source_bytes / bytes))::UBIGINT ELSE packets END) AS packets_a,
        split_part(state, '_', 1) AS flags_a, split_part(state, '_', 2) AS flags_b, contains(state, '_') AS has_flags,
        coalesce(dir IN ('<-', '<?'), false) AS is_turned
    FROM typed
)
SELECT "at", CASE WHEN is_turned THEN target ELSE source END AS caller,
    CASE WHEN protocol IN ('tcp', 'udp') THEN port_of(CASE WHEN is_turned THEN dport ELSE sport END) END AS caller_port,
    CASE WHEN is_turned THEN source ELSE target END AS called,
    CASE WHEN protocol IN ('tcp', 'udp') THEN port_of(CASE WHEN is_turned THEN sport ELSE dport END) END AS called_port,
    coalesce(transport_of(protocol), 'other') AS protocol,
    CASE WHEN proto IN ('icmp', 'ipv6-icmp') AND state = 'ECO' THEN 'echo' END AS service,
    CASE
    WHEN protocol = 'tcp' AND has_flags THEN CASE
        WHEN NOT contains(flags_a, 'S') AND NOT contains(flags_b, 'S') THEN 'midstream'
        WHEN flags_b = '' THEN 'unanswered' WHEN contains(flags_b, 'S') THEN 'established' WHEN contains(flags_b, 'R') THEN 'refused' ELSE 'midstream' END
    WHEN state IN ('CON', 'SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR', 'ECR') THEN 'established'
    WHEN state IN ('REQ', 'INT', 'S0', 'ECO', 'TIM', 'SYN') THEN 'unanswered' WHEN state IN ('REJ', 'URP', 'URH') THEN 'refused'
    ELSE 'midstream' END AS state,
    coalesce(duration_s, 0) AS duration_s,
    CASE WHEN is_turned THEN bytes - bytes_a ELSE bytes_a END AS bytes_out, CASE WHEN is_turned THEN bytes_a ELSE bytes - bytes_a END AS bytes_in,
    CASE WHEN is_turned THEN packets - packets_a ELSE packets_a END AS packets_out, CASE WHEN is_turned THEN packets_a ELSE packets - packets_a END AS packets_in,
    NULL AS caller_own, NULL AS called_own, NULL AS caller_mac, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', starttime) WHEN source IS NULL THEN what('not an IP address', srcaddr)
    WHEN target IS NULL THEN what('not an IP address', dstaddr) END AS reject,
    CASE WHEN "at" IS NULL OR source IS NULL OR target IS NULL THEN left(concat_ws(' ', starttime, srcaddr, sport, dstaddr, dport), 200) END AS excerpt
FROM shared
