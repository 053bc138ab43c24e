-- Who held the address: one subscriber, or why it cannot be said. The promise "never the wrong household" stands here.
--
-- in   resolver_seen     one row a sighting: its span, its port, what bars an answer (seen.sql)
--      resolver_hits     one row a sighting and a binding that may have been it (hits.sql)
--      resolver_longest  the prefix length that counts, where there is a choice (longest.sql)
--      resolver_sharing  the sightings that their port cannot tell apart (sharing.sql)
--      resolver_contracts  account, spans[] · resolver_reasons  reason, outcome (reasons.py) · $generation
-- out  one row a sighting: the columns of the lake's table `attributions`
-- ties none: what the rules do not decide is `ambiguous`
--
-- The rules. W, the span asked for, is [seen_at - m, seen_until + precision_s + m], both ends in it; m (`margin_s`) is the
-- source's accuracy plus that of the least accurate log that covers the address. Bindings, covered spans and contracts
-- are half-open. The first that applies:
--   1  outside the provider's prefixes: not-ours. A span longer than $span_s_max: ambiguous.
--   2  a log that covers the address has not been read past W: pending, whatever else is known; a later line may change it.
--   3  no log covers it, or W does not lie in one covered span of every log that does: log-gap.
--   4  of the bindings that contain the address and overlap W (doubtful time included) only those of the longest prefix
--      count, whatever their ports: a more exact delegation silences the one around it.
--   5  a binding with a port range can be told by the client's own port only: that of role infected, attacker or lead; of
--      role exposed only for an assignment (a static forward), beside which what others have of other ports does not
--      count. Where the port is absent or not the client's, or the
--      binding names a protocol and the sighting does not: shared, with the number of accounts and no name. So too in a
--      prefix configured as shared when there is no such port, or the binding names no ports.
--   6  no candidate is left: no-binding. More than one, even of one account: ambiguous.
--   7  the candidate held the address for the whole of W and nothing is odd about it: the subscriber whose contract is the
--      account's only one in W and lasts for the whole of it. No contract: no-binding. A change of contract: ambiguous.
--   8  its session ended without a word and W reaches past its trusted end: log-gap. For a part of W only: ambiguous.

WITH candidates AS NOT MATERIALIZED (
    SELECT h.number, 1 AS found, h.undivided, h.starts_at AS starts_last, h.ends_at AS ends_first,
        h.doubt_until AS doubt_first, h.binding, h.account, h.doubt, [h.binding] AS bindings
    FROM resolver_hits h
    ANTI JOIN resolver_longest l ON l.number = h.number
    UNION ALL
    SELECT l.number, count(h.binding) AS found, bool_or(h.undivided) AS undivided, max(h.starts_at) AS starts_last,
        min(h.ends_at) AS ends_first, min(h.doubt_until) AS doubt_first, min(h.binding) AS binding,
        min(h.account) AS account, min(h.doubt) AS doubt,
        list_sort(list_distinct(list(h.binding))) AS bindings
    FROM resolver_longest l
    LEFT JOIN resolver_hits h ON h.number = l.number AND h.bits = l.bits
    GROUP BY l.number
),

judged AS NOT MATERIALIZED (
    SELECT s.id, s.seen_at, s.margin_s, c.account, c.binding, c.bindings, coalesce(g.sharers, 0) AS sharers,
        list_filter(t.spans, lambda t: t.starts_at <= s.w1 AND (t.ends_at IS NULL OR t.ends_at > s.w0)) AS contracts,
        CASE
            WHEN s.barrier IS NOT NULL THEN s.barrier
            WHEN g.number IS NOT NULL OR (s.shared AND s.speaks = 0) THEN CASE
                WHEN s.port IS NULL THEN 'no-port'
                WHEN s.speaks = 0 THEN 'port-not-the-clients'
                WHEN c.undivided THEN 'held-undivided'
                WHEN s.speaks = 1 THEN 'port-not-the-clients'
                ELSE 'no-protocol' END
            WHEN c.number IS NULL THEN 'nobody-held-it'
            WHEN c.found = 0 THEN 'port-outside-every-range'
            WHEN c.found > 1 AND c.starts_last < c.doubt_first THEN 'several-held-it-at-once'
            WHEN c.found > 1 THEN 'another-held-it-within-the-margin'
            WHEN c.starts_last <= s.w0 AND c.ends_first > s.w1 THEN CASE
                WHEN c.doubt = 'shared-login' THEN 'shared-login'
                WHEN c.doubt = 'several-vrfs' THEN 'several-vrfs'
                WHEN c.doubt IS NOT NULL THEN 'unusual-line'
                WHEN c.account IS NULL THEN 'nobody-held-the-inside'
                WHEN coalesce(len(contracts), 0) = 0 THEN 'no-contract'
                WHEN len(contracts) > 1 OR contracts[1].starts_at > s.w0 OR contracts[1].ends_at <= s.w1
                THEN 'contract-changed'
                ELSE 'held-throughout' END
            WHEN s.w0 >= c.ends_first OR (c.starts_last <= s.w0 AND s.w1 < c.doubt_first) THEN 'session-without-stop'
            ELSE 'held-for-a-part'
        END AS reason
    FROM resolver_seen s
    LEFT JOIN candidates c ON c.number = s.rowid
    LEFT JOIN resolver_sharing g ON g.number = s.rowid
    LEFT JOIN resolver_contracts t ON t.account = c.account
)

SELECT j.id AS sighting, j.seen_at, r.outcome, j.reason,
    CASE WHEN r.outcome = 'subscriber' THEN j.contracts[1].subscriber END AS subscriber,
    CASE WHEN r.outcome = 'subscriber' THEN j.account END AS account,
    CASE WHEN r.outcome = 'subscriber' THEN j.binding END AS binding,
    CASE WHEN r.outcome = 'shared' THEN [] ELSE coalesce(j.bindings, []) END AS bindings,
    CASE WHEN r.outcome = 'shared' THEN j.sharers END AS sharers,
    j.margin_s, $generation AS generation
FROM judged j
LEFT JOIN resolver_reasons r ON r.reason = j.reason
