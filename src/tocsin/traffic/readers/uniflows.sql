-- What does each one-way flow record say, and if nothing, why?
-- In:  raw (text columns of nfdump.py, `line`). Out: one row a record: the columns of biflows.sql, is_local (its moment names no
--      zone), reject, excerpt.
WITH typed AS (
    SELECT line, started, ended, sa, da, coalesce(moment_of(started), moment_of_epoch(started)) AS "at", seconds_of(duration) AS duration_s,
        coalesce(moment_of(ended), moment_of_epoch(ended)) AS ended_at, address_of(sa) AS source, address_of(da) AS target,
        transport_of(lower(trim(proto))) AS protocol, regexp_replace(upper(coalesce(flags, '')), '[^SARFPUCE]', '', 'g') AS flags,
        coalesce(count_of(packets), 0) AS packets, coalesce(count_of(bytes), 0) AS bytes,
        coalesce(count_of(back_packets), 0) AS back_packets, coalesce(count_of(back_bytes), 0) AS back_bytes, sp, dp
    FROM raw
)
SELECT "at", coalesce(ended_at, "at" + to_microseconds((coalesce(duration_s, 0) * 1000000)::BIGINT)) AS until, source,
    CASE WHEN protocol IN ('tcp', 'udp') THEN port_of(sp) END AS source_port, target,
    CASE WHEN protocol IN ('tcp', 'udp') THEN port_of(dp) END AS target_port, coalesce(protocol, 'other') AS protocol, flags,
    packets, bytes, back_packets, back_bytes, line,
    moment_of(started) IS NOT NULL AND NOT regexp_matches(started, '(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$') AS is_local,
    CASE WHEN "at" IS NULL THEN what('not a moment', started) WHEN source IS NULL THEN what('not an IP address', sa)
    WHEN target IS NULL THEN what('not an IP address', da) END AS reject,
    CASE WHEN "at" IS NULL OR source IS NULL OR target IS NULL THEN left(concat_ws(' ', started, sa, sp, da, dp), 200) END AS excerpt
FROM typed
