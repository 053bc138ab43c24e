-- Which networks are these ranges of addresses?
--
-- in   network_ranges  place, format, first, last, origin, country, abuse_contact; first <= last, one family
-- out  one row a range and network: the fewest networks that together are first..last
-- ties none. A range that is one network is that. Of the others, at each size 2^k, the stretch from the first multiple
--      of it that is not before `first` to the last that is not past `last` + 1 has at most one network of just that
--      size at either end, and none where it is empty: what lies between is left to the next size.

WITH measured AS NOT MATERIALIZED (
    SELECT place, format, origin, country, abuse_contact, first,
        first::UHUGEINT AS starts, last::UHUGEINT AS ends, last::UHUGEINT - first::UHUGEINT AS span
    FROM network_ranges
), judged AS NOT MATERIALIZED (
    SELECT place, format, origin, country, abuse_contact, first, starts, ends, span,
        CASE WHEN span = 340282366920938463463374607431768211455::UHUGEINT THEN true
            ELSE (span & (span + 1::UHUGEINT)) = 0 AND (starts & span) = 0 END AS is_one
    FROM measured
), levels AS (
    SELECT place, format, origin, country, abuse_contact, k,
        (starts >> k::UHUGEINT) + CASE WHEN (starts & ((1::UHUGEINT << k::UHUGEINT) - 1::UHUGEINT)) = 0 THEN 0 ELSE 1 END::UHUGEINT AS low,
        CASE WHEN k = 0 AND ends = 340282366920938463463374607431768211455::UHUGEINT THEN ends - 1::UHUGEINT
            ELSE (ends >> k::UHUGEINT)
                + CASE WHEN (ends & ((1::UHUGEINT << k::UHUGEINT) - 1::UHUGEINT)) = (1::UHUGEINT << k::UHUGEINT) - 1::UHUGEINT
                    THEN 1 ELSE 0 END::UHUGEINT END AS high
    FROM judged JOIN (SELECT unnest(range(128)) AS k) ON (1::UHUGEINT << k::UHUGEINT) <= span + 1::UHUGEINT
    WHERE NOT is_one
)
SELECT place, format, origin, country, abuse_contact, first AS network,
    (128 - bit_count((span >> 64::UHUGEINT)::UBIGINT) - bit_count((span & 18446744073709551615::UHUGEINT)::UBIGINT))::UTINYINT AS prefix_bits
FROM judged WHERE is_one
UNION ALL
SELECT place, format, origin, country, abuse_contact, (low << k::UHUGEINT)::UUID, (128 - k)::UTINYINT
FROM levels WHERE low < high AND low % 2 = 1
UNION ALL
SELECT place, format, origin, country, abuse_contact, ((high - 1::UHUGEINT) << k::UHUGEINT)::UUID, (128 - k)::UTINYINT
FROM levels WHERE low < high AND high % 2 = 1
