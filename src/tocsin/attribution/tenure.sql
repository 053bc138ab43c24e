-- Who has held this address (any of its networks of the named lengths), the latest first?
--
-- in   bindings  the lake's table (of some days; a binding stands in each of them that it touches)
--      $networks  the first addresses of the networks · $at · $rows_max
-- out  one row a binding that began by $at
-- ties bindings of one moment stand in the order of their accounts

SELECT DISTINCT account, starts_at, doubt_until
FROM bindings
WHERE list_contains($networks, network) AND starts_at <= $at
ORDER BY starts_at DESC, account
LIMIT $rows_max
