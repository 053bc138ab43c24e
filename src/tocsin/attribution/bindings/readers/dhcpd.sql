-- Question: what does each lease of ISC dhcpd's lease file say?
-- In: leases (leases.py: line, kind, name, owner, text). Out: one row a record, some of the columns of RECORDS.
-- `starts` is when the lease was given or renewed; of DHCPv6 it is `ends` less `max-life`. A lease that is over says in `ends` when
-- it was (a released one of DHCPv6 in `cltt`), and still by whom and since when it was held: two records, for what it was
-- while it was active may have been cleared away already. An abandoned address has lost its client, who declined it.
-- Ties: what ended in the second in which it was given ends a second later, lest the end be taken for that of the lease before.
WITH said AS (
    SELECT line, kind, name, owner, text,
        regexp_extract(text, '\n[ \t]+binding state ([a-z]+);', 1) AS state,
        dhcpd_moment_of(regexp_extract(text, '\n[ \t]+starts ([^;\n]*);', 1)) AS starts_at,
        dhcpd_moment_of(regexp_extract(text, '\n[ \t]+ends ([^;\n]*);', 1)) AS ends_at,
        CASE WHEN kind <> 'lease' THEN whole_of(regexp_extract(text, '\n[ \t]+max-life ([0-9]+);', 1)) END AS length_s,
        dhcpd_moment_of(regexp_extract(text, '\n[ \t]+cltt ([^;\n]*);', 1)) AS told_at,
        CASE WHEN contains(text, 'hardware ') THEN regexp_extract(text, '\n[ \t]+hardware [a-z-]+ ([0-9A-Fa-f:]+);', 1) END AS mac,
        CASE WHEN kind = 'lease' AND contains(text, ' uid ')
            THEN regexp_extract(text, '\n[ \t]+uid (".*"|[0-9A-Fa-f:]+);', 1) END AS uid,
        CASE WHEN contains(text, 'agent.circuit-id')
            THEN regexp_extract(text, '\n[ \t]+option agent\.circuit-id (".*"|[0-9A-Fa-f:]+);', 1) END AS circuit,
        CASE WHEN contains(text, 'agent.remote-id')
            THEN regexp_extract(text, '\n[ \t]+option agent\.remote-id (".*"|[0-9A-Fa-f:]+);', 1) END AS remote,
        CASE WHEN contains(text, 'client-hostname') THEN regexp_extract(text, '\n[ \t]+client-hostname "(.*)";', 1) END AS hostname
    FROM leases
),
identified AS (  -- what has no escapes in it is text already
    SELECT *, identifier_of(uid) AS client_id,
        CASE WHEN regexp_full_match(circuit, '"[ !#-[\]-~]+"') THEN circuit[2:-2] ELSE shown_of(identifier_of(circuit)) END AS circuit_id,
        CASE WHEN regexp_full_match(remote, '"[ !#-[\]-~]+"') THEN remote[2:-2] ELSE shown_of(identifier_of(remote)) END AS remote_id,
        -- RFC 8415 §12: the IA's id, four octets; then the client's DUID.
        CASE WHEN kind <> 'lease' THEN nullif(substr(identifier_of(owner), 13), '') END AS duid
    FROM said
),
known AS (
    SELECT *, CASE WHEN kind = 'lease' THEN starts_at
            WHEN ends_at < TIMESTAMP '9999-01-01 00:00:00' AND length_s < 4294967295 THEN ends_at - to_seconds(length_s::BIGINT)
            ELSE told_at END AS given_at,
        CASE WHEN kind <> 'lease' AND state = 'released' THEN least(told_at, ends_at)
            WHEN ends_at < TIMESTAMP '9999-01-01 00:00:00' THEN ends_at END AS over_at,
        list_contains(['free', 'expired', 'released', 'backup'], state) AS is_over,
        coalesce(nullif(mac, ''), client_id, duid) IS NOT NULL AS is_named
    FROM identified
),
told AS (
    SELECT line, 'lease' AS status, given_at AS moment, name, mac, client_id, duid, circuit_id, remote_id, hostname, CASE WHEN is_over THEN over_at ELSE ends_at END AS until, text,
        CASE WHEN ends_at IS NULL THEN 'a lease that does not say when it ends' END AS reject, is_over
    FROM known
    WHERE state = 'active' OR (is_over AND is_named AND given_at <= over_at)
    UNION ALL
    SELECT line, 'release', CASE WHEN over_at = given_at THEN over_at + INTERVAL 1 SECOND ELSE over_at END, name, mac, client_id, duid, circuit_id, remote_id, hostname, NULL, text, NULL, TRUE
    FROM known
    WHERE is_over AND is_named AND over_at IS NOT NULL
    UNION ALL
    SELECT line, 'release', coalesce(told_at, starts_at) + INTERVAL 1 SECOND, name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, text, NULL, TRUE
    FROM known
    WHERE state = 'abandoned'
    UNION ALL
    SELECT line, '', NULL, name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, text,
        CASE WHEN state = '' THEN 'a lease without its binding state' END, FALSE
    FROM known
    WHERE state NOT IN ('active', 'abandoned') AND NOT (is_over AND is_named AND over_at IS NOT NULL)
)
SELECT line, status, moment, mac, duid, client_id, circuit_id, remote_id, hostname,
    name AS network, until, reject, is_over, left(replace(text, chr(10), ' '), 200) AS excerpt
FROM told
