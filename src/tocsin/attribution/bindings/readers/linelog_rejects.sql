-- Question: which lines have no certain moment, and why not?
-- In: linelog_rows, log_dated. Out: added to staged_rejects, one row a line. Ties: none.
INSERT INTO staged_rejects
SELECT r.line, d.why_not, r.excerpt FROM linelog_rows r JOIN log_dated d ON d.record = r.record WHERE d.at_utc IS NULL
