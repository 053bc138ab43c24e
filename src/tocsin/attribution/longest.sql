-- Which prefix length counts, where there is a choice?
--
-- in   resolver_hits (hits.sql) · resolver_divided (divided.sql)
-- out  one row a sighting that has more than one candidate or is of a divided address: the longest length among them.
--      A sighting with one candidate and no divided address has no choice, and no row; most are such.
-- ties none: a length is there once or not at all

SELECT number, max(bits) AS bits
FROM (
    SELECT number, bits, true AS hit FROM resolver_hits
    UNION ALL
    SELECT number, bits, false AS hit FROM resolver_divided
)
GROUP BY number
HAVING count(*) > 1 OR NOT bool_or(hit)
