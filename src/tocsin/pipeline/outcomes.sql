-- question: how many sightings have which outcome, and why?
-- in: attributions of all days
-- out: one row an outcome and reason; ties by name
SELECT outcome, reason, count(*) AS sightings
FROM {attributions}
GROUP BY outcome, reason
ORDER BY sightings DESC, outcome, reason
