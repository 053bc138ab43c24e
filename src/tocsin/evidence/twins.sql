-- Which sightings does this evidence tell of more than once?
-- In:  settling (the table of settling.sql).
-- Out: one row an id: id, first_line (where it is told of first).
-- Ties: none.
SELECT id, min(evidence_line) AS first_line
FROM settling WHERE late IS NULL
GROUP BY id HAVING count(*) > 1
