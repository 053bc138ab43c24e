-- What is there to tell about each address, and to whom?
-- In:  numbered (sightings of some days, with roles that are reported), found (number, origin, country, abuse_contact, network,
--      prefix_bits; number is the sighting's), mails (sighting, evidence_sha256: where the offending mail may be);
--      marks (source, tlp, name: of sources, as configured), levels (tlp, rank);
--      the condition is TRUE, or what a constituent has subscribed to.
-- Out: one row a contact, network, address, kind, malware, protocol, role, marking and severity: times, how often, the last port and peer that were
--      named, by contact and address; networks that name nobody come last.
--      The marking is the source's or the sighting's own, whichever is higher; one that nobody knows is RED.
-- Ties: of sightings, ports, peers and mails the last one seen.
WITH marked AS (
    SELECT s.number, greatest(coalesce(c.rank, 1), CASE WHEN s.tlp IS NULL THEN 0 ELSE coalesce(o.rank, 4) END) AS rank,
        nullif(k.name, '') AS name
    FROM numbered s
    LEFT JOIN marks k ON k.source = s.source
    LEFT JOIN levels c ON c.tlp = k.tlp
    LEFT JOIN levels o ON o.tlp = regexp_replace(s.tlp, '^TLP:', '')
)
SELECT f.abuse_contact, f.origin, f.country, f.network, f.prefix_bits,
    s.address, s.kind, s.taxonomy, s.malware, s.protocol, s.role, s.severity,
    min(l.tlp) AS tlp, coalesce(list_sort(list(DISTINCT k.name) FILTER (k.name IS NOT NULL)), []) AS named,
    min(s.seen_at) AS first_at, max(s.seen_until) AS last_at, count(*) AS sightings,
    max_by(s.port, (s.seen_at, s.id)) AS port, max_by(s.peer_address, (s.seen_at, s.id)) AS peer_address,
    max_by(s.peer_port, (s.seen_at, s.id)) AS peer_port,
    max(coalesce(s.confidence, 50)) AS confidence, max_by(s.id, (s.seen_at, s.id)) AS sighting,
    max_by(m.evidence_sha256, (s.seen_at, s.id)) FILTER (m.evidence_sha256 IS NOT NULL) AS mail_sha256,
    max(s.seen_at) FILTER (m.evidence_sha256 IS NOT NULL) AS mail_at
FROM numbered s
LEFT JOIN found f ON f.number = s.number
LEFT JOIN mails m ON m.sighting = s.id
JOIN marked k ON k.number = s.number
JOIN levels l ON l.rank = k.rank AND l.tlp <> 'WHITE'
WHERE {chosen}
GROUP BY f.abuse_contact, f.origin, f.country, f.network, f.prefix_bits,
    s.address, s.kind, s.taxonomy, s.malware, s.protocol, s.role, s.severity, k.rank
ORDER BY f.abuse_contact NULLS LAST, s.address, s.kind, s.malware, s.protocol, s.role, s.severity NULLS LAST, k.rank
