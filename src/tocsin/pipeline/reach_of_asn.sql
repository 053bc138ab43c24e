-- Which prefixes lie within these spans, in the tables in force?
-- In:   {prefixes}; the column that is asked for (origin or country); $firsts and $lasts (the spans), $moment, $rows_max.
-- Out:  network, prefix_bits, and what that column says; one row per prefix, a shorter one before those within it.
-- Ties: none: a prefix stands once in the tables in force.
WITH spans AS (SELECT unnest($firsts::UUID[]) AS first_address, unnest($lasts::UUID[]) AS last_address),
in_force AS (
    SELECT network, prefix_bits, {said} AS said
    FROM {prefixes}
    WHERE valid_from = (SELECT max(valid_from) FROM {prefixes} WHERE valid_from <= $moment)
)
SELECT DISTINCT p.network, p.prefix_bits, p.said
FROM in_force p
JOIN spans s ON p.network BETWEEN s.first_address AND s.last_address
ORDER BY p.network, p.prefix_bits
LIMIT $rows_max
