-- Which staged records are no new sightings?
-- In:  settling (the table of settling.sql), twins (the table of twins.sql), known (a view: id of every sighting in the
--      days touched).
-- Out: one row a record that is a further piece only, or that lies outside the window: id, evidence_line.
-- Ties: the same id twice in one batch: the first line is the sighting, the later ones are pieces (and see doubled.sql).
SELECT settling.id, settling.evidence_line
FROM settling LEFT JOIN twins ON twins.id = settling.id
WHERE settling.late IS NOT NULL OR settling.evidence_line > twins.first_line
    OR settling.id IN (SELECT known.id FROM known)
