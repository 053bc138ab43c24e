-- Question: which networks does each record name, still as text?
-- In: radius_records. Out: temporary table radius_named, one row a record and text. Ties: none; twice is once.
CREATE OR REPLACE TEMP TABLE radius_named AS
SELECT line, unnest(list_distinct(CASE WHEN framed = '' THEN [framed_v4]
    ELSE list_append(string_split(framed, chr(10)), framed_v4) END)) AS txt
FROM radius_records
WHERE reject IS NULL AND status IN ('start', 'interim', 'stop')
