-- What is there to tell about each address, and to whom?
-- In:  numbered (sightings of some days, with roles that are reported), found (number, origin, country, abuse_contact, network,
--      prefix_bits; number is the sighting's), mails (sighting, evidence_sha256: where the offending mail may be);
--      the condition is TRUE, or what a constituent has subscribed to.
-- Out: one row a contact, network, address, kind, malware, protocol and role: times, how often, the last port and peer that were
--      named, by contact and address; networks that name nobody come last.
-- Ties: of sightings, ports, peers and mails the last one seen.
SELECT f.abuse_contact, f.origin, f.country, f.network, f.prefix_bits,
    s.address, s.kind, s.taxonomy, s.malware, s.protocol, s.role,
    min(s.seen_at) AS first_at, max(s.seen_until) AS last_at, count(*) AS sightings,
    max_by(s.port, (s.seen_at, s.id)) AS port, max_by(s.peer_address, (s.seen_at, s.id)) AS peer_address,
    max_by(s.peer_port, (s.seen_at, s.id)) AS peer_port,
    max(coalesce(s.confidence, 50)) AS confidence, max_by(s.id, (s.seen_at, s.id)) AS sighting,
    max_by(m.evidence_sha256, (s.seen_at, s.id)) FILTER (m.evidence_sha256 IS NOT NULL) AS mail_sha256,
    max(s.seen_at) FILTER (m.evidence_sha256 IS NOT NULL) AS mail_at
FROM numbered s
LEFT JOIN found f ON f.number = s.number
LEFT JOIN mails m ON m.sighting = s.id
WHERE {chosen}
GROUP BY f.abuse_contact, f.origin, f.country, f.network, f.prefix_bits,
    s.address, s.kind, s.taxonomy, s.malware, s.protocol, s.role
ORDER BY f.abuse_contact NULLS LAST, s.address, s.kind, s.malware, s.protocol, s.role
