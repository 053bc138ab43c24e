-- Which flow does each record of Zeek's conn.log tell of, and if none, why?
-- In:  raw (text columns of zeek.py, `line`), $file. Out: one row a record: the columns of `flows`, reject, excerpt.
WITH typed AS (
    SELECT line, ts, orig_h, resp_h, orig_p, resp_p, lower(proto) AS proto, conn_state, history,
        coalesce(moment_of_epoch(ts), moment_of(ts)) AS "at",
        address_of(orig_h) AS caller, address_of(resp_h) AS called,
        nullif(service, '') AS service, seconds_of(duration) AS duration_s,
        count_of(orig_bytes) AS orig_bytes, count_of(resp_bytes) AS resp_bytes,
        count_of(orig_ip_bytes) AS orig_ip_bytes, count_of(resp_ip_bytes) AS resp_ip_bytes,
        count_of(orig_pkts) AS packets_out, count_of(resp_pkts) AS packets_in,
        local_orig, local_resp, lower(bounded_text(orig_l2_addr, 40)) AS caller_mac
    FROM raw
)
SELECT "at", caller, CASE WHEN proto IN ('tcp', 'udp') THEN port_of(orig_p) END AS caller_port,
    called, CASE WHEN proto IN ('tcp', 'udp') THEN port_of(resp_p) END AS called_port,
    coalesce(transport_of(proto), 'other') AS protocol,
    CASE WHEN proto = 'icmp' AND orig_p IN ('8', '128') THEN 'echo' ELSE bounded_text(service, 40) END AS service,
    -- https://docs.zeek.org/en/current/scripts/base/protocols/conn/main.zeek.html (conn_state)
    CASE
    WHEN proto = 'icmp' THEN CASE WHEN packets_in > 0 THEN 'established' WHEN orig_p IN ('8', '128') THEN 'unanswered' ELSE 'oneway' END
    WHEN proto = 'udp' THEN CASE conn_state WHEN 'SF' THEN 'established' WHEN 'S0' THEN 'unanswered' ELSE 'midstream' END
    WHEN conn_state IN ('S1', 'S2', 'S3', 'SF', 'RSTO', 'RSTR') THEN 'established'
    WHEN conn_state IN ('S0', 'SH', 'RSTOS0') THEN 'unanswered'
    WHEN conn_state = 'REJ' THEN 'refused'
    ELSE 'midstream' END AS state,
    coalesce(duration_s, 0) AS duration_s,
    coalesce(orig_bytes, orig_ip_bytes, 0) AS bytes_out, coalesce(resp_bytes, resp_ip_bytes, 0) AS bytes_in,
    coalesce(packets_out, 0) AS packets_out, coalesce(packets_in, 0) AS packets_in,
    CASE lower(local_orig) WHEN 't' THEN true WHEN 'true' THEN true WHEN 'f' THEN false WHEN 'false' THEN false END AS caller_own,
    CASE lower(local_resp) WHEN 't' THEN true WHEN 'true' THEN true WHEN 'f' THEN false WHEN 'false' THEN false END AS called_own,
    caller_mac, $file AS file, line,
    CASE WHEN "at" IS NULL THEN what('not a moment', ts)
    WHEN caller IS NULL THEN what('not an IP address', orig_h)
    WHEN called IS NULL THEN what('not an IP address', resp_h) END AS reject,
    CASE WHEN "at" IS NULL OR caller IS NULL OR called IS NULL
        THEN left(concat_ws(' ', ts, orig_h, orig_p, resp_h, resp_p, proto), 200) END AS excerpt
FROM typed
