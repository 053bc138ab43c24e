-- How many new sightings are told of more than once in the very line where they are told of first (an array on one line)?
-- In:  settling (the table of settling.sql), twins (of twins.sql), stale (of stale.sql).
-- Out: one row: the count.
-- Ties: none.
SELECT count(*) FROM (
    SELECT settling.id
    FROM settling
    JOIN twins ON twins.id = settling.id AND twins.first_line = settling.evidence_line
    ANTI JOIN stale ON stale.id = settling.id AND stale.evidence_line = settling.evidence_line
    GROUP BY settling.id HAVING count(*) > 1
) AS found
