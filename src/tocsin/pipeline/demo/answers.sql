-- question: what did the resolver say of each sighting?
-- in: sightings, attributions of all days
-- out: one row a sighting that has an answer
SELECT
    s.source,
    s.seen_at,
    s.address,
    s.port,
    s.protocol,
    a.outcome,
    a.reason,
    a.subscriber
FROM {sightings} AS s
JOIN {attributions} AS a ON a.sighting = s.id
