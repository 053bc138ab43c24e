-- What is there to tell about each address, and to whom?
-- In:  sightings (of some days), found (number, origin, country, abuse_contact, network, prefix_bits; number is the sighting's),
--      $since <= seen_at < $until. Roles are chosen before.
-- Out: one row a contact, address, kind, malware, protocol and application-free peer: times, how often, the last port that was named.
-- Ties: of sightings, ports and peers the last one seen.
SELECT f.abuse_contact, f.origin, f.country, f.network, f.prefix_bits,
    s.address, s.kind, s.taxonomy, s.malware, s.protocol, s.role,
    min(s.seen_at) AS first_at, max(s.seen_until) AS last_at, count(*) AS sightings,
    max_by(s.port, (s.seen_at, s.id)) AS port, max_by(s.peer_address, (s.seen_at, s.id)) AS peer_address,
    max_by(s.peer_port, (s.seen_at, s.id)) AS peer_port, max_by(s.peer_name, (s.seen_at, s.id)) AS peer_name,
    max(coalesce(s.confidence, 50)) AS confidence, max_by(s.id, (s.seen_at, s.id)) AS sighting
FROM numbered s LEFT JOIN found f ON f.number = s.number
GROUP BY ALL ORDER BY f.abuse_contact, s.address, s.kind, s.malware, s.protocol
