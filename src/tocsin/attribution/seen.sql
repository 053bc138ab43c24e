-- For each sighting: what span is asked for, what its port can tell, and what bars an answer before any binding is looked at.
--
-- in   asked  one row a sighting: id, seen_at, seen_until, precision_s, role, address, port, protocol, source, and
--             `place`, the number of the longest configured prefix that contains the address (absent where none does)
--      resolver_places   one row a configured prefix (margins.py): whether it is ours, shared, how many logs cover it,
--                        the worst of their accuracies, and until when all of them have been read
--      resolver_spans    one row a stretch that every log of the place covers: for a span that begins in
--                        [starts_at, next_at) nothing is missing before `ends_at`
--      resolver_sources  source, accuracy_s · $accuracy_s of a source that has none of its own · $span_s_max
-- out  one row a sighting: the span [w0, w1]; `speaks`: 2 the port tells any port range, 1 those of assignments, 0 none;
--      `barrier`: the reason that settles it already (rules 1 to 3 of resolve.sql), or NULL
-- ties none

WITH margined AS NOT MATERIALIZED (
    SELECT a.id, a.seen_at, a.address, a.port, lower(a.protocol) AS protocol, a.place,
        p.ours, p.shared, p.logs, p.read_until,
        coalesce(c.accuracy_s, $accuracy_s) + coalesce(p.accuracy_s, 0) AS margin_s,
        a.seen_at - to_seconds(margin_s) AS w0,
        greatest(a.seen_at, coalesce(a.seen_until, a.seen_at)) + to_seconds(coalesce(a.precision_s, 0) + margin_s) AS w1,
        CASE
            WHEN a.port IS NULL THEN 0
            WHEN a.role IN ('infected', 'attacker', 'lead') THEN 2
            WHEN a.role = 'exposed' THEN 1
            ELSE 0
        END::UTINYINT AS speaks
    FROM asked a
    LEFT JOIN resolver_places p ON p.place = a.place
    LEFT JOIN resolver_sources c ON c.source = a.source
)

SELECT m.id, m.seen_at, m.address, m.port, m.protocol, m.margin_s::UINTEGER AS margin_s, m.w0, m.w1, m.speaks, m.shared,
    CASE
        WHEN m.ours IS NOT TRUE THEN 'outside-own-prefixes'
        WHEN m.w1 > m.w0 + to_seconds($span_s_max) THEN 'span-too-long'
        WHEN m.logs = 0 THEN 'no-log-covers-it'
        WHEN m.read_until IS NULL OR m.w1 >= m.read_until THEN 'log-not-read-so-far'
        WHEN s.ends_at IS NULL OR m.w1 >= s.ends_at THEN 'silence-in-log'
    END AS barrier
FROM margined m
LEFT JOIN resolver_spans s ON s.place = m.place AND s.starts_at <= m.w0 AND s.next_at > m.w0
