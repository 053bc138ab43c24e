-- What was seen of one subscriber, sighting by sighting, and the binding that each rests on?
--
-- in   sightings, attributions (views), subject_sightings (table)
-- out  one row a sighting
-- ties none: a sighting has one attribution

SELECT s.id, s.seen_at, s.source, s.source_ref, s.observer, s.role, s.kind, s.malware, s.address, s.port, s.protocol,
    s.peer_address, s.peer_port, s.peer_name, s.extra, a.reason, a.binding, a.margin_s
FROM sightings s
JOIN subject_sightings USING (id)
JOIN attributions a ON a.sighting = s.id
ORDER BY s.seen_at, s.id
