-- Which trouble did the sources see on which subscriber's line on this day?
-- In:   {attributions}, {sightings} and {bindings} of the day; $day, $generation, $roles (those that may open a case),
--       $observers_max.
-- Out:  one row per subscriber, kind, malware, role, source, account and log of the bindings.
-- Ties: the last sighting is the one with the greatest moment, then the greatest id.
-- Only attributions that name a subscriber count. A log that cannot be found is '', which no rule trusts.
WITH named AS (
    SELECT a.sighting, a.subscriber, a.account, coalesce(a.binding, a.bindings[1]) AS binding
    FROM {attributions} a
    WHERE a.outcome = 'subscriber' AND a.subscriber IS NOT NULL AND a.account IS NOT NULL
),
logs AS (
    SELECT b.binding, min(b.log) AS log
    FROM {bindings} b
    WHERE b.binding IN (SELECT n.binding FROM named n)
    GROUP BY b.binding
),
seen AS (
    SELECT
        n.subscriber, n.account, coalesce(l.log, '') AS log, s.kind, left(coalesce(s.malware, ''), 200) AS malware,
        s.role, s.source, left(coalesce(nullif(trim(s.observer), ''), s.source), 200) AS observer, s.seen_at, s.id,
        {
            'id': s.id, 'address': s.address, 'port': s.port, 'protocol': left(s.protocol, 20),
            'peer_address': s.peer_address, 'peer_port': s.peer_port, 'source_ref': left(s.source_ref, 200)
        } AS sighting
    FROM named n
    JOIN {sightings} s ON s.id = n.sighting
    LEFT JOIN logs l ON l.binding = n.binding
    WHERE list_contains($roles, s.role)
),
grouped AS (
    SELECT
        subscriber, kind, malware, role, source, account, log,
        count(DISTINCT id) AS sightings, min(seen_at) AS first_at, max(seen_at) AS last_at,
        arg_max(sighting, {'seen_at': seen_at, 'id': id}) AS last,
        list_sort(list(DISTINCT observer))[1:$observers_max] AS observers
    FROM seen
    GROUP BY subscriber, kind, malware, role, source, account, log
)
SELECT
    subscriber, kind, malware, role, $day AS day, source, account, log, sightings, first_at, last_at,
    last.id AS last_sighting, observers, $generation AS generation, last.address AS address, last.port AS port,
    last.protocol AS protocol, last.peer_address AS peer_address, last.peer_port AS peer_port,
    last.source_ref AS source_ref
FROM grouped
ORDER BY subscriber, kind, malware, role, source, account, log
