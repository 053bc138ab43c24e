-- Which bindings contain the address, overlap the span (doubtful time included), and are not ruled out by the port?
--
-- in   keys (keys.sql) · held  one row a binding of the days that the spans touch
-- out  one row a sighting and such a binding, of every prefix length; `undivided`: it names no ports, yet the prefix is
--      configured as shared
-- ties none. The undivided and the divided are joined apart: a condition that is no plain comparison of both sides would
--      be tried on every pair of one address.

SELECT k.number, k.bits, k.shared AS undivided,
    b.binding, b.account, b.starts_at, b.ends_at, b.doubt_until, b.doubt
FROM keys k
JOIN held b ON b.network = k.network AND b.prefix_bits = k.bits AND b.starts_at <= k.w1 AND b.doubt_until > k.w0
WHERE b.port_first IS NULL
UNION ALL
SELECT k.number, k.bits, false AS undivided,
    b.binding, b.account, b.starts_at, b.ends_at, b.doubt_until, b.doubt
FROM (SELECT number, network, bits, port, protocol, w0, w1, speaks FROM keys WHERE speaks > 0) k
JOIN (
    SELECT binding, binding_kind, account, network, prefix_bits, protocol, starts_at, ends_at, doubt_until, doubt,
        port_first, coalesce(port_last, port_first) AS port_last
    FROM held WHERE port_first IS NOT NULL
) b ON b.network = k.network AND b.prefix_bits = k.bits AND b.starts_at <= k.w1 AND b.doubt_until > k.w0
    AND b.port_first <= k.port AND b.port_last >= k.port
WHERE (k.speaks = 2 OR b.binding_kind = 'assignment') AND (b.protocol IS NULL OR lower(b.protocol) = k.protocol)
