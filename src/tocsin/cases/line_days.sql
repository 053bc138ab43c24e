-- For how long of this day would something seen at these subscribers' lines have been known as theirs?
-- In:   {bindings} of the day and those of no day; line_followed (subscriber, account), line_places (place, blind_s: how long
--       its logs say nothing), resolver_places and resolver_spans (margins.py); $first and $last, the day's ends;
--       $otherwise, how long the logs say nothing of whoever held no address.
-- Out:  one row a subscriber of line_followed: held_s, blind_s.
-- Ties: of places that contain an address the one of the longest prefix counts; of several places of one line the one
--       that is known best.
-- A binding counts where all the logs of its place cover it. One with a doubt about it, outside the provider's prefixes,
-- or without ports of its own in a prefix that many share, would name nobody.
WITH followed AS (SELECT DISTINCT subscriber, account FROM line_followed),
mine AS (
    SELECT row_number() OVER () AS number, f.subscriber, b.network, b.prefix_bits, b.port_first,
        greatest(b.starts_at, $first) AS held_from, least(b.ends_at, $last) AS held_until
    FROM {bindings} b
    JOIN followed f ON f.account = b.account
    WHERE b.doubt IS NULL AND b.starts_at < $last AND b.ends_at > $first
),
lengths AS (SELECT DISTINCT prefix_bits FROM resolver_places),
around AS (
    SELECT m.number, max(l.prefix_bits) AS prefix_bits
    FROM mine m
    JOIN lengths l ON l.prefix_bits <= m.prefix_bits
    JOIN resolver_places p ON p.prefix_bits = l.prefix_bits AND p.network = network_of(m.network, l.prefix_bits)
    WHERE l.prefix_bits >= 96 OR network_of(m.network, 96) <> '00000000-0000-0000-0000-ffff00000000'::UUID
    GROUP BY m.number
),
placed AS (
    SELECT m.subscriber, p.place, m.held_from, m.held_until
    FROM around a
    JOIN mine m ON m.number = a.number
    JOIN resolver_places p ON p.prefix_bits = a.prefix_bits AND p.network = network_of(m.network, a.prefix_bits)
    WHERE p.ours AND (NOT p.shared OR m.port_first IS NOT NULL)
),
known AS (
    SELECT p.subscriber, greatest(p.held_from, s.starts_at) AS known_from, least(p.held_until, s.ends_at) AS known_until
    FROM placed p
    JOIN resolver_spans s ON s.place = p.place AND s.starts_at < p.held_until AND s.ends_at > p.held_from
),
ordered AS (
    SELECT subscriber, known_from, known_until,
        max(known_until) OVER (
            PARTITION BY subscriber ORDER BY known_from, known_until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM known
),
held AS (
    SELECT subscriber,
        sum(greatest(epoch(known_until) - epoch(greatest(known_from, coalesce(before, known_from))), 0)) AS held_s
    FROM ordered
    GROUP BY subscriber
),
blind AS (
    SELECT p.subscriber, min(l.blind_s) AS blind_s FROM placed p JOIN line_places l ON l.place = p.place GROUP BY p.subscriber
)
SELECT f.subscriber, coalesce(h.held_s, 0)::INTEGER AS held_s, coalesce(b.blind_s, $otherwise)::INTEGER AS blind_s
FROM (SELECT DISTINCT subscriber FROM followed) f
LEFT JOIN held h ON h.subscriber = f.subscriber
LEFT JOIN blind b ON b.subscriber = f.subscriber
ORDER BY f.subscriber
