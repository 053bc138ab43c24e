-- Which records of this batch are sightings that nobody had before?
-- In:  settling (the table of settling.sql), known (a view: id of every sighting in the days touched).
-- Out: one row a new sighting: id, evidence_line.
-- Ties: the same id twice in one batch: the first line is the sighting, the later ones are pieces.
SELECT id, min(evidence_line) AS evidence_line
FROM settling
WHERE late IS NULL AND id NOT IN (SELECT id FROM known)
GROUP BY id
