-- Which sightings are of an address that bindings with port ranges divided in that span?
--
-- in   keys (keys.sql) · held  one row a binding of the days that the spans touch
-- out  one row a sighting and prefix length of such bindings
-- ties none. An address behind a NAT may have tens of thousands of bindings a day, so they are not looked at one by one: of
--      those that began in an earlier slot of ten minutes the last end tells; only what began in the same slot is compared.

WITH slots AS NOT MATERIALIZED (
    SELECT network, prefix_bits, epoch_us(starts_at) // 600000000 AS slot, max(doubt_until) AS doubt_until
    FROM held WHERE port_first IS NOT NULL
    GROUP BY ALL
),
reach AS (
    SELECT network, prefix_bits, slot, max(doubt_until) OVER (PARTITION BY network, prefix_bits ORDER BY slot) AS doubt_until
    FROM slots
),
asked AS (
    SELECT k.number, k.bits, k.network, k.port, k.protocol, k.w0, k.w1, k.speaks, epoch_us(k.w1) // 600000000 AS slot
    FROM keys k
    SEMI JOIN reach r ON r.network = k.network AND r.prefix_bits = k.bits
),
before AS (
    SELECT a.number, a.bits, a.network, a.port, a.protocol, a.w0, a.w1, a.speaks, a.slot,
        coalesce(r.doubt_until > a.w0, false) AS found
    FROM asked a
    ASOF LEFT JOIN reach r ON r.network = a.network AND r.prefix_bits = a.bits AND a.slot > r.slot
)
SELECT number, bits, network, port, protocol, w0, w1, speaks FROM before WHERE found
UNION ALL
SELECT b.number, b.bits, b.network, b.port, b.protocol, b.w0, b.w1, b.speaks
FROM before b
SEMI JOIN (
    SELECT network, prefix_bits, starts_at, doubt_until, epoch_us(starts_at) // 600000000 AS slot
    FROM held WHERE port_first IS NOT NULL
) h ON h.network = b.network AND h.prefix_bits = b.bits AND h.slot = b.slot AND h.starts_at <= b.w1 AND h.doubt_until > b.w0
WHERE NOT b.found
