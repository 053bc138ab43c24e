-- How long after a sighting did its evidence come in?
-- In:   {sightings} and {pieces} of the days; $digests of evidence with the $moments at which each was received.
-- Out:  one row a source: sightings, hours of the middle one, hours within which nine in ten came.
-- Ties: a sighting that several files hold came with the first of them. One from the future came at once.
WITH received AS (
    SELECT unnest($digests) AS evidence_sha256, unnest($moments::TIMESTAMP[]) AS received_at
),
came AS (
    SELECT p.sighting, min(r.received_at) AS received_at
    FROM {pieces} p
    JOIN received r ON r.evidence_sha256 = p.evidence_sha256
    GROUP BY p.sighting
),
late AS (
    SELECT s.source, s.id, greatest(epoch(c.received_at) - epoch(s.seen_at), 0) / 3600 AS hours
    FROM {sightings} s
    JOIN came c ON c.sighting = s.id
)
SELECT source, count(DISTINCT id) AS sightings, quantile_cont(hours, 0.5) AS middle, quantile_cont(hours, 0.9) AS ninth
FROM late
GROUP BY source
ORDER BY source
