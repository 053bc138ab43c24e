-- Question: which records cannot be used, and why?
-- In: radius_records, radius_named, radius_networks. Out: temporary table staged_rejects, one row a record.
-- Ties: of several bad networks in a record the first in the order of text is named.
CREATE OR REPLACE TEMP TABLE staged_rejects AS
SELECT line, reject AS reason, excerpt FROM radius_records WHERE reject IS NOT NULL
UNION ALL
SELECT line, 'an address or prefix that is none, or shorter than /32', left(min(txt), 200)
FROM radius_named JOIN radius_networks USING (txt)
WHERE network IS NULL
GROUP BY line
