-- What did each source bring into a run, and what became of it?
-- In:   {sightings} (the files of one run) and {attributions} of their days.
-- Out:  one row per source and outcome: how many sightings.
-- Ties: none; a sighting has one attribution. One that has none yet is `pending`.
SELECT s.source, coalesce(a.outcome, 'pending') AS outcome, count(*) AS sightings
FROM {sightings} s
LEFT JOIN {attributions} a ON a.sighting = s.id
GROUP BY s.source, coalesce(a.outcome, 'pending')
ORDER BY s.source, outcome
