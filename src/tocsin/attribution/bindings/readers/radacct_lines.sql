-- Question: on which line does each record stand, and each reject?
-- In: staged_events and staged_rejects, numbered by record; radius_records. Out: the same tables, numbered by line, a reject once
-- a row and reason. Ties: none.
UPDATE staged_events SET evidence_line = r.row_line FROM radius_records r WHERE r.line = staged_events.evidence_line;

CREATE OR REPLACE TEMP TABLE staged_rejects AS
SELECT r.row_line AS line, s.reason, min(s.excerpt) AS excerpt
FROM staged_rejects s JOIN radius_records r ON r.line = s.line
GROUP BY r.row_line, s.reason
