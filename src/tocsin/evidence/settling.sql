-- What becomes of each staged record: a new sighting, a further piece of one, or a reject because of its time?
-- In:  staged (a view: what stage() wrote, evidence_line, reject), $oldest, $newest.
-- Out: one row a record that reading did not reject: id, seen_at, day (UTC), evidence_line, late (its reject, or NULL).
-- Ties: none.
SELECT id, seen_at, CAST(seen_at AS DATE) AS day, evidence_line,
    CASE
        WHEN seen_at < $oldest THEN 'seen before what is kept: ' || strftime(seen_at, '%Y-%m-%dT%H:%M:%SZ')
        WHEN seen_until > $newest THEN 'seen in the future: ' || strftime(seen_until, '%Y-%m-%dT%H:%M:%SZ')
        END AS late
FROM staged
WHERE reject IS NULL
