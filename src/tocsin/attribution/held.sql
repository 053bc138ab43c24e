-- What is held on the addresses $first to $last, seen in $since <= t < $until?
--
-- in   sightings  the lake's table (of one day)
-- out  one row a sighting
-- ties sightings of one moment stand in the order of their ids

SELECT id, seen_at, address, source, source_ref, kind, malware
FROM sightings
WHERE address BETWEEN $first AND $last AND seen_at >= $since AND seen_at < $until
    -- IPv4 lives in ::ffff:0:0/96: an IPv6 network around it holds none of it.
    AND ($first >= '00000000-0000-0000-0000-ffff00000000'::UUID
        OR address NOT BETWEEN '00000000-0000-0000-0000-ffff00000000'::UUID AND '00000000-0000-0000-0000-ffffffffffff'::UUID)
ORDER BY seen_at, id
