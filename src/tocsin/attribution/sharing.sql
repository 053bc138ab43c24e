-- Which sightings can their port not tell apart, and how many accounts were behind the address?
--
-- in   keys (keys.sql) · held  one row a binding of the days that the spans touch · resolver_divided, resolver_hits,
--      resolver_longest (the queries of these names)
-- out  one row a sighting that is shared (rule 5 of resolve.sql) by what the bindings say: its number of accounts
-- ties none

WITH forwarded AS NOT MATERIALIZED (  -- a static forward of that very port: whoever has other ports of the address does not count
    SELECT DISTINCT k.number, k.bits
    FROM (SELECT number, bits, network, port, protocol, w0, w1 FROM resolver_divided WHERE speaks = 1) k
    JOIN held b ON b.network = k.network AND b.prefix_bits = k.bits
        AND b.starts_at <= k.w1 AND b.doubt_until > k.w0 AND b.binding_kind = 'assignment'
        AND k.port BETWEEN b.port_first AND coalesce(b.port_last, b.port_first)
        AND (b.protocol IS NULL OR lower(b.protocol) = k.protocol)
),
unanswered AS NOT MATERIALIZED (
    SELECT number, bits FROM resolver_divided WHERE speaks = 0
    UNION
    SELECT k.number, k.bits
    FROM (
        SELECT number, bits, network, port, protocol, w0, w1, speaks FROM resolver_divided
        WHERE speaks = 1 OR (speaks = 2 AND protocol IS NULL)
    ) k
    LEFT JOIN forwarded f ON f.number = k.number AND f.bits = k.bits
    SEMI JOIN held b ON b.network = k.network AND b.prefix_bits = k.bits
        AND b.starts_at <= k.w1 AND b.doubt_until > k.w0 AND b.port_first IS NOT NULL
        AND ((k.speaks = 1 AND b.binding_kind <> 'assignment'
                AND (f.number IS NULL OR k.port BETWEEN b.port_first AND coalesce(b.port_last, b.port_first)))
            OR (b.protocol IS NOT NULL AND k.protocol IS NULL
                AND k.port BETWEEN b.port_first AND coalesce(b.port_last, b.port_first)))
    UNION
    SELECT number, bits FROM resolver_hits WHERE undivided
)

SELECT k.number, count(DISTINCT b.account) AS sharers
FROM keys k
JOIN (
    SELECT u.number, u.bits
    FROM unanswered u
    LEFT JOIN resolver_longest l ON l.number = u.number
    WHERE l.bits IS NULL OR l.bits = u.bits
) u ON u.number = k.number AND u.bits = k.bits
JOIN (  -- an account's many ranges count once
    SELECT DISTINCT network, prefix_bits, account, starts_at, doubt_until FROM held b
    SEMI JOIN (
        SELECT k.network, k.bits FROM keys k JOIN unanswered u ON u.number = k.number AND u.bits = k.bits
    ) w ON w.network = b.network AND w.bits = b.prefix_bits
) b ON b.network = k.network AND b.prefix_bits = k.bits AND b.starts_at <= k.w1 AND b.doubt_until > k.w0
GROUP BY k.number
