-- Question: whose lease did a record end that does not say by what the log knows its clients?
-- In: `told`, what a DHCP log says (some of RECORDS; is_over: a lease that has ended); $account_from. Out: the same rows.
-- A declined, abandoned or hand-deleted address has no client left, and one that is free has lost its circuit-id: such a
-- record is given what the latest lease of the address before it in the file had, if that was the same client's. Where there
-- is none it says nothing of anybody. Ties: none.
, lacking AS (
    SELECT *, coalesce(nullif(mac, ''), nullif(duid, ''), nullif(client_id, '')) AS client,
        reject IS NULL AND (status = 'release' OR is_over) AND CASE
            WHEN $account_from IN ('circuit-id', 'remote-id', 'circuit-id/remote-id')
            THEN coalesce(nullif(circuit_id, ''), nullif(remote_id, '')) IS NULL
            WHEN $account_from = 'hostname' THEN coalesce(hostname, '') = ''
            ELSE coalesce(nullif(mac, ''), nullif(duid, ''), nullif(client_id, '')) IS NULL
            END AS lacks
    FROM told
),
followed AS (
    SELECT line, network, lacks, client, last_value(CASE WHEN status = 'lease' AND NOT lacks THEN {'mac': mac, 'duid': duid,
            'client_id': client_id, 'circuit_id': circuit_id, 'remote_id': remote_id, 'hostname': hostname, 'client': client}
            END IGNORE NULLS)
        OVER (PARTITION BY network ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM lacking
    WHERE network IN (SELECT network FROM lacking WHERE lacks)
),
found AS (
    SELECT line, network, any_value(CASE WHEN client IS NULL OR client = before.client THEN before END) AS before
    FROM followed
    WHERE lacks
    GROUP BY line, network
)
SELECT t.line, CASE WHEN t.lacks AND f.before IS NULL THEN '' ELSE t.status END AS status,
    t.moment, t.local_at, t.zone, t.network, t.lifetime_s, t.until, t.reject, t.excerpt,
    coalesce(nullif(t.mac, ''), f.before.mac) AS mac, coalesce(nullif(t.duid, ''), f.before.duid) AS duid,
    coalesce(nullif(t.client_id, ''), f.before.client_id) AS client_id,
    coalesce(nullif(t.circuit_id, ''), f.before.circuit_id) AS circuit_id,
    coalesce(nullif(t.remote_id, ''), f.before.remote_id) AS remote_id, coalesce(nullif(t.hostname, ''), f.before.hostname) AS hostname
FROM lacking t LEFT JOIN found f ON t.lacks AND f.line = t.line AND f.network = t.network
