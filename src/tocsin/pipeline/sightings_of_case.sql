-- Which sightings of these days does a case rest on, and why are they this subscriber's?
-- In:   {attributions} and {sightings} of the days; $subscriber, $kind, $malware, $role (the case's own),
--       $first_at and $last_at (its span), $rows_max.
-- Out:  one row per sighting, the newest first.
-- Ties: sightings of one moment stand in the order of their ids.
SELECT
    s.id, s.seen_at, s.source, s.source_ref, s.observer, s.address, s.port, s.protocol, s.peer_address, s.peer_port,
    s.peer_name, s.confidence, s.reader, s.extra, a.reason, a.margin_s, a.generation, a.account,
    CASE WHEN len(a.bindings) > 0 THEN a.bindings WHEN a.binding IS NULL THEN [] ELSE [a.binding] END AS bindings
FROM {attributions} a
JOIN {sightings} s ON s.id = a.sighting
WHERE a.outcome = 'subscriber' AND a.subscriber = $subscriber
    AND s.kind = $kind AND left(coalesce(s.malware, ''), 200) = $malware AND s.role = $role
    AND s.seen_at BETWEEN $first_at AND $last_at
QUALIFY row_number() OVER (PARTITION BY s.id ORDER BY a.generation DESC) = 1
ORDER BY s.seen_at DESC, s.id
LIMIT $rows_max
