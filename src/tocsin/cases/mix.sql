-- What did each source bring into a run, and what became of it?
-- In:   {sightings} (the files of one run), {attributions} of their days, {rejects} (the files of that run), $future,
--       $one_port, $addresses_min, $ports_share_min.
-- Out:  one row per source and outcome: how many sightings; $future: how many records tell of the future; $one_port: how
--       many pairs of address and port there are, where clients of many addresses are said to have used the same ports.
-- Ties: none; a sighting has one attribution. One that has none yet is `pending`.
SELECT s.source, coalesce(a.outcome, 'pending') AS outcome, count(*) AS sightings
FROM {sightings} s
LEFT JOIN {attributions} a ON a.sighting = s.id
GROUP BY s.source, coalesce(a.outcome, 'pending')
UNION ALL
SELECT source, $future, count(*)
FROM {rejects} r
WHERE starts_with(reject, 'seen in the future')
GROUP BY source
UNION ALL
-- Which port was the client's own? Where clients of many addresses share a few, the column is another: the service's.
SELECT source, $one_port, count(*)
FROM (SELECT DISTINCT source, address, port FROM {sightings} p
    WHERE port IS NOT NULL AND role IN ('infected', 'attacker'))
GROUP BY source
HAVING count(DISTINCT address) >= $addresses_min AND count(DISTINCT port) < $ports_share_min * count(*)
ORDER BY source, outcome
