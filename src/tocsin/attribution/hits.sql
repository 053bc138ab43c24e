-- Which bindings contain the address, overlap the span (doubtful time included), and are not ruled out by the port?
--
-- in   keys (keys.sql) · held  one row a binding of the days that the spans touch
-- out  one row a sighting and such a binding, of every prefix length; `undivided`: it names no ports, yet the prefix is
--      configured as shared
-- ties none. The undivided and the divided are joined apart: a condition that is no plain comparison of both sides would
--      be tried on every pair of one address, and an address behind a NAT may have tens of thousands of ranges a day. So a
--      range of up to 2^level ports is looked for by the one or two aligned blocks of that size that it touches.

WITH ranges AS NOT MATERIALIZED (
    SELECT binding, binding_kind, account, network, prefix_bits, protocol, starts_at, ends_at, doubt_until, doubt,
        port_first::INTEGER AS port_first, coalesce(port_last, port_first)::INTEGER AS port_last,
        range_level(port_first, coalesce(port_last, port_first)) AS level
    FROM held WHERE port_first IS NOT NULL
),
divided AS NOT MATERIALIZED (
    SELECT ranges.*, port_first >> level AS block FROM ranges
    UNION ALL
    SELECT ranges.*, port_last >> level AS block FROM ranges WHERE port_last >> level > port_first >> level
),
told AS NOT MATERIALIZED (
    SELECT k.number, k.network, k.bits, k.port::INTEGER AS port, k.protocol, k.w0, k.w1, k.speaks, l.level,
        k.port::INTEGER >> l.level AS block
    FROM keys k
    CROSS JOIN (
        SELECT DISTINCT range_level(port_first, coalesce(port_last, port_first)) AS level
        FROM held WHERE port_first IS NOT NULL
    ) l
    WHERE k.speaks > 0
)
SELECT k.number, k.bits, k.shared AS undivided,
    b.binding, b.account, b.starts_at, b.ends_at, b.doubt_until, b.doubt
FROM keys k
JOIN held b ON b.network = k.network AND b.prefix_bits = k.bits AND b.starts_at <= k.w1 AND b.doubt_until > k.w0
WHERE b.port_first IS NULL
UNION ALL
SELECT k.number, k.bits, false AS undivided,
    b.binding, b.account, b.starts_at, b.ends_at, b.doubt_until, b.doubt
FROM told k
JOIN divided b ON b.network = k.network AND b.prefix_bits = k.bits AND b.level = k.level AND b.block = k.block
    AND b.starts_at <= k.w1 AND b.doubt_until > k.w0 AND b.port_first <= k.port AND b.port_last >= k.port
WHERE (k.speaks = 2 OR b.binding_kind = 'assignment') AND (b.protocol IS NULL OR lower(b.protocol) = k.protocol)
