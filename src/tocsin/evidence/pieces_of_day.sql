-- Where does each sighting of a day stand in this evidence?
-- In:  settling (the table of settling.sql), $this_day, $sha256.
-- Out: one row a record: sighting, seen_at, evidence_sha256, evidence_line.
-- Ties: none.
SELECT id AS sighting, seen_at, $sha256 AS evidence_sha256, evidence_line
FROM settling
WHERE late IS NULL AND day = $this_day
