-- Does the subscription cover this sighting (s) and its network (f)? A condition, not a query.
-- In:  $asns, $countries, $domains (lower case; of the peer's name, and those below), $firsts and $lasts (the prefixes' ends).
(
    list_contains($asns::BIGINT[], f.origin::BIGINT)
    OR list_contains($countries::VARCHAR[], f.country)
    OR EXISTS (
        SELECT 1
        FROM (SELECT unnest($firsts::UUID[]) AS first_address, unnest($lasts::UUID[]) AS last_address) p
        WHERE s.address BETWEEN p.first_address AND p.last_address
    )
    OR EXISTS (
        SELECT 1
        FROM (SELECT unnest($domains::VARCHAR[]) AS name) d
        WHERE '.' || rtrim(lower(s.peer_name), '.') LIKE '%.' || d.name
    )
)
