-- What did each source bring into a run, and what became of it?
-- In:   {sightings} (the files of one run), {attributions} of their days, {rejects} (the files of that run), $future.
-- Out:  one row per source and outcome: how many sightings; and $future for records that tell of the future.
-- Ties: none; a sighting has one attribution. One that has none yet is `pending`.
SELECT s.source, coalesce(a.outcome, 'pending') AS outcome, count(*) AS sightings
FROM {sightings} s
LEFT JOIN {attributions} a ON a.sighting = s.id
GROUP BY s.source, coalesce(a.outcome, 'pending')
UNION ALL
SELECT source, $future, count(*)
FROM {rejects} r
WHERE starts_with(reject, 'seen in the future')
GROUP BY source
ORDER BY source, outcome
