-- Which sightings of this day lie within these spans, after this place?
-- In:   {sightings} of the day; $firsts and $lasts (asked), $own_firsts, $own_lasts and $own_domains (what may
--       be seen: by address, or by the name of the peer, in lower case, and names below it);
--       $since <= seen_at < $until; $kind and $source (NULL: any); $after_at and $after_id (NULL: from the start);
--       $tlps (the markings that may be read; NULL: whatever it is marked) and $unread (sources marked higher than
--       these, with those that say so of themselves and are not shown to be them: NAME~strangers); $rows_max.
-- Out:  one row per sighting, the oldest first.
-- Ties: sightings of one moment stand in the order of their ids.
WITH asked AS (SELECT unnest($firsts::UUID[]) AS first_address, unnest($lasts::UUID[]) AS last_address),
own AS (SELECT unnest($own_firsts::UUID[]) AS first_address, unnest($own_lasts::UUID[]) AS last_address),
own_names AS (SELECT unnest($own_domains::VARCHAR[]) AS name)
SELECT
    s.id, s.seen_at, s.seen_until, s.role, s.source, s.source_ref, s.observer, s.address, s.port, s.protocol,
    s.peer_address, s.peer_port, s.peer_name, s.kind, s.taxonomy, s.malware, s.confidence
FROM {sightings} s
WHERE s.seen_at >= $since AND s.seen_at < $until
    AND ($kind IS NULL OR s.kind = $kind)
    AND ($source IS NULL OR s.source = $source)
    AND ($after_at IS NULL OR (s.seen_at, s.id) > ($after_at::TIMESTAMP, $after_id::UUID))
    AND ($tlps IS NULL OR (
        split_part(s.source, '~', 1) NOT IN (SELECT unnest($unread::VARCHAR[]))
        AND coalesce(
            regexp_replace(
                upper(coalesce(json_extract_string(s.extra, '$.tlp'), json_extract_string(s.extra, '$.TLP'))), '^TLP:', ''
            ) IN (SELECT unnest($tlps::VARCHAR[])), TRUE)
    ))
    AND EXISTS (SELECT 1 FROM asked a WHERE s.address BETWEEN a.first_address AND a.last_address)
    AND (
        EXISTS (SELECT 1 FROM own o WHERE s.address BETWEEN o.first_address AND o.last_address)
        OR EXISTS (SELECT 1 FROM own_names n WHERE '.' || rtrim(lower(s.peer_name), '.') LIKE '%.' || n.name)
    )
ORDER BY s.seen_at, s.id
LIMIT $rows_max
