-- Question: which ports of which public addresses follow from what was held inside, by a rule and not by a log?
-- In: fold_touching (the day's bindings), fold_inside_logs (log, inside_log), read_events (status `rule`).
-- Out: one row a binding and range of ports, the columns of fold_touching, the holder's account in it. Ties: none.
--   sequential   RFC 7422 §2: the first hosts inside share the first public address, each with the next block of ports
--   interleaved  the same blocks, neighbours inside on neighbouring public addresses
--   map-e        RFC 7597 §5: the bits after the rule's IPv6 prefix are the rest of the IPv4 address and the port set id
--   lw4o6        RFC 7596 §5.1: one entry of a binding table, with its port set (in `ports_each` its id, in `ea_bits` its length)
WITH rules AS (
    SELECT e.log, i.inside_log, e.rule, e.network, e.prefix_bits, e.inside, e.inside_bits, e.ea_bits, e.psid_offset, e.ports_each,
        e."at" AS starts_at, coalesce(e.until, TIMESTAMP '9999-12-31 00:00:00') AS ends_at, e.evidence_sha256, e.evidence_line,
        e.port_first::UHUGEINT AS port_first, (e.port_last::BIGINT - e.port_first + 1)::UHUGEINT AS ports,
        -- How many inside share one public address.
        CASE WHEN e.ports_each IS NOT NULL THEN (e.port_last::BIGINT - e.port_first + 1) // e.ports_each
            ELSE power_of_two(greatest(0, e.prefix_bits::INTEGER - e.inside_bits)) END::UHUGEINT AS sharing,
        power_of_two(128 - e.prefix_bits) AS addresses
    FROM read_events e JOIN fold_inside_logs i ON i.log = e.log
    WHERE e.status = 'rule'
),
holders AS (
    SELECT r.*, h.binding, h.log AS holder_log, h.account, h.doubt, h.network AS holder, h.starts_at AS held_from,
        h.ends_at AS held_to, h.doubt_until AS doubt_to,
        (h.network::UHUGEINT - r.inside::UHUGEINT) AS place,
        coalesce(r.ports_each::UHUGEINT, r.ports // r.sharing) AS each_ports
    FROM rules r
    JOIN fold_touching h ON h.log = r.inside_log AND h.inside IS NULL AND h.port_first IS NULL
        AND h.network BETWEEN r.inside AND (r.inside::UHUGEINT + power_of_two(128 - r.inside_bits) - 1)::UUID
        AND h.prefix_bits = CASE r.rule WHEN 'map-e' THEN r.inside_bits + r.ea_bits WHEN 'lw4o6' THEN r.inside_bits ELSE 128 END
        AND h.starts_at < r.ends_at AND h.doubt_until >= r.starts_at
),
-- Deterministic NAT: one block.
blocks AS (
    SELECT h.*, public, port_first + each_ports * slot AS first_port
    FROM (
        SELECT h.*,
            CASE rule WHEN 'sequential' THEN place // sharing ELSE place % addresses END AS public,
            CASE rule WHEN 'sequential' THEN place % sharing ELSE place // addresses END AS slot
        FROM holders h WHERE rule IN ('sequential', 'interleaved')
    ) h
    WHERE public < addresses AND slot < sharing AND each_ports > 0
),
-- MAP-E and lw4o6: which address, and which port set of how many bits.
sets AS (
    SELECT h.*, greatest(0, ea_bits::INTEGER - (128 - prefix_bits)) AS psid_bits,
        place // power_of_two(128 - inside_bits - ea_bits) AS ea
    FROM holders h WHERE rule = 'map-e'
),
placed AS (
    SELECT s.* EXCLUDE (psid_bits, ea), psid_bits,
        CASE WHEN psid_bits > 0 OR ea_bits::INTEGER = 128 - prefix_bits THEN (network::UHUGEINT + ea // power_of_two(psid_bits))::UUID
            ELSE (network::UHUGEINT + ea * power_of_two(128 - prefix_bits - ea_bits))::UUID END AS v4,
        least(128, prefix_bits + ea_bits)::UTINYINT AS v4_bits,
        (ea % power_of_two(psid_bits))::UINTEGER AS psid
    FROM sets s
    UNION ALL BY NAME
    SELECT h.*, ea_bits::INTEGER AS psid_bits, network AS v4, prefix_bits AS v4_bits, ports_each AS psid
    FROM holders h WHERE rule = 'lw4o6'
),
-- RFC 7597 §5.1: a port is A (psid_offset bits, not 0 where there are any), the set's id, and the rest.
ranges AS (
    SELECT p.*, unnest(range(CASE WHEN psid_offset > 0 THEN 1 ELSE 0 END, 1::BIGINT << psid_offset)) AS a,
        16 - psid_offset - psid_bits AS rest
    FROM placed p WHERE psid_bits > 0 AND psid_offset + psid_bits <= 16
),
found AS (
    SELECT b.*, (network::UHUGEINT + public)::UUID AS v4, 128::UTINYINT AS v4_bits, first_port AS p0, first_port + each_ports - 1 AS p1
    FROM blocks b
    UNION ALL BY NAME
    SELECT r.*, (a << (16 - psid_offset)) + (psid::BIGINT << rest) AS p0, (a << (16 - psid_offset)) + (psid::BIGINT << rest) + (1::BIGINT << rest) - 1 AS p1
    FROM ranges r
    UNION ALL BY NAME
    SELECT p.*, NULL::BIGINT AS p0, NULL::BIGINT AS p1 FROM placed p WHERE psid_bits = 0
)
SELECT binding_of(log, rule, concat(binding, '/', p0), v4, v4_bits, account, greatest(starts_at, held_from)) AS binding,
    'mapping' AS binding_kind, log, account, v4 AS network, v4_bits AS prefix_bits,
    p0::USMALLINT AS port_first, p1::USMALLINT AS port_last, NULL::VARCHAR AS protocol,
    greatest(starts_at, held_from) AS starts_at, greatest(starts_at, held_from, least(ends_at, held_to)) AS ends_at,
    least(ends_at, doubt_to) AS doubt_until, 'rule' AS end_reason, doubt,
    evidence_sha256 AS first_evidence, evidence_line AS first_line, evidence_sha256 AS last_evidence, evidence_line AS last_line
FROM found
