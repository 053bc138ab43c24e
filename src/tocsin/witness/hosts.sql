-- Who attacked, in a line each?
-- In:  told_of (sightings.sql), accused.
-- Out: one row an address (or a host's name): what it did (kinds), in which services, how many lines, first_at, last_at,
--      the highest confidence, spared (why it is not accused), undated (how many of its lines have no moment), handshake.
-- Ties: by lines, then by address.
SELECT coalesce(address::VARCHAR, host) AS who, any_value(address) AS address, any_value(host) AS host,
    list_sort(list(DISTINCT kind)) AS kinds, list_sort(list(DISTINCT service_name)) AS services,
    greatest(count(*) FILTER (WHERE lines IS NULL), max(coalesce(lines, 0))) AS lines, min(seen_at) AS first_at,
    max(seen_until) AS last_at, max(confidence) AS confidence, any_value(spared) AS spared,
    count(*) FILTER (WHERE reject IS NOT NULL) AS rejects, any_value(reject) AS reject, bool_or(handshake) AS handshake
FROM told_of
GROUP BY who
ORDER BY lines DESC, who
