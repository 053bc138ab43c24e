-- Under which networks may a sighting's holder be found?
--
-- in   resolver_seen  what seen.sql found · $lengths  the prefix lengths that occur in the bindings
-- out  one row a sighting that nothing bars and a prefix length; `number` is the row's in resolver_seen
-- ties none; IPv4 lives in ::ffff:0:0/96 and is contained in networks of its own family only

SELECT s.rowid AS number, s.port, s.protocol, s.w0, s.w1, s.speaks, s.shared, l.bits,
    network_of(s.address, l.bits) AS network
FROM resolver_seen s
JOIN (SELECT unnest($lengths::UTINYINT[]) AS bits) l ON l.bits >= 96
    OR s.address NOT BETWEEN '00000000-0000-0000-0000-ffff00000000'::UUID AND '00000000-0000-0000-0000-ffffffffffff'::UUID
WHERE s.barrier IS NULL
