-- How much trouble was seen in each of these networks?
-- In:   {sightings} of the days; $networks (as they are written), $firsts and $lasts (their ends), $roles.
-- Out:  one row a network in which something was seen.
-- Ties: none. A sighting in a network and in a smaller one inside of it counts in both.
WITH asked AS (
    SELECT unnest($networks) AS network, unnest($firsts::UUID[]) AS first, unnest($lasts::UUID[]) AS last
),
seen AS (
    SELECT id, address
    FROM {sightings}
    WHERE list_contains($roles, role)
)
SELECT
    a.network,
    count(DISTINCT s.id) AS sightings,
    count(DISTINCT CASE WHEN a.network LIKE '%:%' THEN left(s.address::VARCHAR, 18) ELSE s.address::VARCHAR END)
        AS addresses
FROM asked a
JOIN seen s ON s.address BETWEEN a.first AND a.last
GROUP BY a.network
ORDER BY a.network
