-- Question: whose was each mapping, by who held its inside address meanwhile?
-- In: fold_touching (the day's bindings), fold_inside_logs (log, inside_log: who may tell).
-- Out: one row a mapping and holder, the columns of the lake's table, for the time that both last; a mapping whose inside
-- nobody held has one row without account. Ties: two holders at once make two rows, and the resolver then says `ambiguous`.
WITH lengths AS (SELECT DISTINCT prefix_bits FROM fold_touching WHERE inside IS NULL AND port_first IS NULL),
keys AS (
    SELECT m.binding, i.inside_log, l.prefix_bits, network_of(m.inside, l.prefix_bits) AS network
    FROM fold_touching m
    JOIN fold_inside_logs i ON i.log = m.log
    JOIN lengths l ON l.prefix_bits <= m.inside_bits AND (l.prefix_bits >= 96 OR m.inside_bits < 96 OR NOT is_v4(m.inside))
    WHERE m.inside IS NOT NULL
),
holders AS (
    SELECT k.binding AS mapping, h.binding, h.account, h.starts_at, h.ends_at, h.doubt_until, h.doubt
    FROM keys k
    JOIN fold_touching h ON h.log = k.inside_log AND h.network = k.network AND h.prefix_bits = k.prefix_bits
        AND h.inside IS NULL AND h.port_first IS NULL
)
SELECT CASE WHEN h.binding IS NULL THEN m.binding ELSE binding_of(m.log, m.binding::VARCHAR, h.binding::VARCHAR, m.network,
        m.prefix_bits, h.account, greatest(m.starts_at, h.starts_at)) END AS binding,
    m.binding_kind, m.log, h.account, m.network, m.prefix_bits, m.port_first, m.port_last, m.protocol,
    greatest(m.starts_at, h.starts_at) AS starts_at,
    greatest(m.starts_at, h.starts_at, least(m.ends_at, h.ends_at)) AS ends_at,
    least(m.doubt_until, h.doubt_until) AS doubt_until, m.end_reason, coalesce(m.doubt, h.doubt) AS doubt,
    m.first_evidence, m.first_line, m.last_evidence, m.last_line
FROM fold_touching m
LEFT JOIN holders h ON h.mapping = m.binding AND h.starts_at < m.doubt_until AND h.doubt_until > m.starts_at
WHERE m.inside IS NOT NULL
