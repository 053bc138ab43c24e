-- Which sightings are of an address that bindings with port ranges divided in that span?
--
-- in   keys (keys.sql) · held  one row a binding of the days that the spans touch
-- out  one row a sighting and prefix length of such bindings
-- ties none

SELECT k.number, k.bits, k.network, k.port, k.protocol, k.w0, k.w1, k.speaks
FROM keys k
SEMI JOIN held b ON b.network = k.network AND b.prefix_bits = k.bits
    AND b.starts_at <= k.w1 AND b.doubt_until > k.w0 AND b.port_first IS NOT NULL
