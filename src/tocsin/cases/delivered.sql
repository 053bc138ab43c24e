-- How much has each source told of this day?
-- In:   {sightings} of the day.
-- Out:  one row a source: how many sightings, of anybody.
-- Ties: none.
SELECT source, count(*) AS sightings FROM {sightings} s GROUP BY source ORDER BY source
