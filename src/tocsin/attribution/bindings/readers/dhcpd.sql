-- Question: what does each lease of ISC dhcpd's lease file say?
-- In: leases (leases.py: line, kind, name, owner, text). Out: one row a record, some of the columns of RECORDS.
-- `starts` (of DHCPv6: cltt, the client's last transaction) is when the lease was given or renewed. A lease that is over says
-- in `ends` when it was, and still by whom and since when it was held: two records, for what it was while it was active
-- may have been cleared away already. An abandoned address has lost its client, who declined it. Ties: none.
WITH said AS (
    SELECT line, kind, name, owner, text,
        regexp_extract(text, '\n[ \t]+binding state ([a-z]+);', 1) AS state,
        dhcpd_moment_of(regexp_extract(text, '\n[ \t]+starts ([^;\n]*);', 1)) AS starts_at,
        dhcpd_moment_of(regexp_extract(text, '\n[ \t]+ends ([^;\n]*);', 1)) AS ends_at,
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
    SELECT *, CASE WHEN kind = 'lease' THEN starts_at ELSE told_at END AS given_at,
        list_contains(['free', 'expired', 'released', 'backup'], state) AS is_over,
        coalesce(nullif(mac, ''), client_id, duid) IS NOT NULL AS is_named
    FROM identified
),
told AS (
    SELECT line, 'lease' AS status, given_at AS moment, name, mac, client_id, duid, circuit_id, remote_id, hostname, ends_at AS until, text,
        CASE WHEN ends_at IS NULL THEN 'a lease that does not say when it ends' END AS reject
    FROM known
    WHERE state = 'active' OR (is_over AND is_named AND given_at <= ends_at AND ends_at < TIMESTAMP '9999-01-01 00:00:00')
    UNION ALL
    SELECT line, 'release', ends_at, name, mac, client_id, duid, circuit_id, remote_id, hostname, NULL, text, NULL
    FROM known
    WHERE is_over AND is_named AND ends_at < TIMESTAMP '9999-01-01 00:00:00'
    UNION ALL
    SELECT line, 'release', coalesce(told_at, starts_at), name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, text, NULL
    FROM known
    WHERE state = 'abandoned'
    UNION ALL
    SELECT line, '', NULL, name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, text,
        CASE WHEN state = '' THEN 'a lease without its binding state' END
    FROM known
    WHERE state NOT IN ('active', 'abandoned') AND NOT (is_over AND is_named AND ends_at < TIMESTAMP '9999-01-01 00:00:00') IS TRUE
)
SELECT line, status, moment, mac, duid, client_id, circuit_id, remote_id, hostname,
    name AS network, until, reject, left(replace(text, chr(10), ' '), 200) AS excerpt
FROM told
