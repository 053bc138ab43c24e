-- Which conversations do one-way flow records make together?
-- In:  uniflows (at, until, source, source_port, target, target_port, protocol, flags, packets, bytes, back_packets, back_bytes, line),
--      $file. Out: one row a conversation: the columns of `flows`, reject, excerpt.
-- Records of the same two ends belong together until a silence of two minutes: exporters cut long flows (active timeout). Who
-- began is the caller; at the same moment the end with the lower port was called. A record that has both ways in it is one by itself.
WITH keyed AS (
    SELECT *, a <= b AS is_forward, least(a, b) AS one, greatest(a, b) AS other
    FROM (SELECT *, {source: source, source_port: source_port} AS a, {source: target, source_port: target_port} AS b FROM uniflows)
),
cut AS (
    SELECT *, coalesce("at" > max(until) OVER w + INTERVAL 120 SECOND, true) AS is_new FROM keyed
    WINDOW w AS (PARTITION BY one, other, protocol ORDER BY "at", line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
numbered AS (
    SELECT *, sum(is_new::INTEGER) OVER (PARTITION BY one, other, protocol ORDER BY "at", line) AS session FROM cut
),
gathered AS (
    SELECT one, other, protocol, session, min("at") AS "at", max(until) AS until, min(line) AS line,
        -- SYN without ACK is the caller's, SYN with ACK the called's; else who came first, else the higher port called.
        coalesce(
            bool_or(is_forward) FILTER (contains(flags, 'S') AND NOT contains(flags, 'A')),
            CASE WHEN count(DISTINCT is_forward) = 1 THEN NULL ELSE NOT bool_or(is_forward) FILTER (contains(flags, 'S') AND contains(flags, 'A')) END,
            CASE WHEN min("at") FILTER (is_forward) < min("at") FILTER (NOT is_forward) THEN true
                WHEN min("at") FILTER (is_forward) > min("at") FILTER (NOT is_forward) THEN false END,
            CASE WHEN coalesce(one.source_port, 0) = coalesce(other.source_port, 0) THEN bool_or(is_forward)
                ELSE coalesce(one.source_port, 0) > coalesce(other.source_port, 0) END) AS by_one,
        coalesce(sum(packets) FILTER (is_forward), 0) + coalesce(sum(back_packets) FILTER (NOT is_forward), 0) AS packets_one,
        coalesce(sum(packets) FILTER (NOT is_forward), 0) + coalesce(sum(back_packets) FILTER (is_forward), 0) AS packets_other,
        coalesce(sum(bytes) FILTER (is_forward), 0) + coalesce(sum(back_bytes) FILTER (NOT is_forward), 0) AS bytes_one,
        coalesce(sum(bytes) FILTER (NOT is_forward), 0) + coalesce(sum(back_bytes) FILTER (is_forward), 0) AS bytes_other,
        string_agg(DISTINCT flags, '') FILTER (is_forward) AS flags_one, string_agg(DISTINCT flags, '') FILTER (NOT is_forward) AS flags_other
    FROM numbered GROUP BY one, other, protocol, session
),
turned AS (
    SELECT "at", until, line, protocol, CASE WHEN by_one THEN one ELSE other END AS a, CASE WHEN by_one THEN other ELSE one END AS b,
        CASE WHEN by_one THEN packets_one ELSE packets_other END AS packets_out, CASE WHEN by_one THEN packets_other ELSE packets_one END AS packets_in,
        CASE WHEN by_one THEN bytes_one ELSE bytes_other END AS bytes_out, CASE WHEN by_one THEN bytes_other ELSE bytes_one END AS bytes_in,
        coalesce(CASE WHEN by_one THEN flags_one ELSE flags_other END, '') AS flags_out,
        coalesce(CASE WHEN by_one THEN flags_other ELSE flags_one END, '') AS flags_in
    FROM gathered
),
-- Where an exporter tells of one direction only, silence is no failure.
ways AS (SELECT count(*) FILTER (packets_in > 0) >= 0.05 * count(*) AS is_both FROM turned)
SELECT "at", a.source AS caller, a.source_port AS caller_port, b.source AS called, b.source_port AS called_port, protocol,
    NULL AS service,
    CASE
    WHEN protocol = 'tcp' AND packets_in > 0 THEN CASE WHEN contains(flags_in, 'S') OR (flags_in = '' AND packets_in > 2) THEN 'established'
        WHEN contains(flags_in, 'R') THEN 'refused' ELSE 'midstream' END
    WHEN protocol = 'tcp' THEN CASE WHEN contains(flags_out, 'S') AND NOT contains(flags_out, 'A') THEN 'unanswered'
        WHEN flags_out = '' AND is_both THEN 'unanswered' WHEN contains(flags_out, 'S') AND NOT is_both THEN 'established' ELSE 'oneway' END
    WHEN packets_in > 0 THEN 'established' WHEN is_both THEN 'unanswered' ELSE 'oneway' END AS state,
    greatest(0, epoch(until) - epoch("at")) AS duration_s, bytes_out, bytes_in, packets_out, packets_in,
    NULL AS caller_own, NULL AS called_own, NULL AS caller_mac, $file AS file, line, NULL AS reject, NULL AS excerpt
FROM turned CROSS JOIN ways
