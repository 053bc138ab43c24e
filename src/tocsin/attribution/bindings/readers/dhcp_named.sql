-- Question: whose lease did a record end that does not name its client (declined, abandoned, deleted by hand)?
-- In: `told`, what a DHCP log says (some of RECORDS). Out: the same rows; such a record is given the client of the latest
-- lease of that address before it in the file. Where there is none it says nothing of anybody. Ties: none.
, nameless AS (
    SELECT DISTINCT line, network FROM told
    WHERE status = 'release' AND reject IS NULL
        AND coalesce(nullif(mac, ''), nullif(duid, ''), nullif(client_id, ''), nullif(circuit_id, ''), nullif(remote_id, '')) IS NULL
),
followed AS (
    SELECT t.line, t.network, t.status, last_value(CASE WHEN t.status = 'lease' THEN {'mac': t.mac, 'duid': t.duid,
            'client_id': t.client_id, 'circuit_id': t.circuit_id, 'remote_id': t.remote_id, 'hostname': t.hostname} END IGNORE NULLS)
        OVER (PARTITION BY t.network ORDER BY t.line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS client
    FROM told t
    WHERE t.network IN (SELECT network FROM nameless)
),
before AS (
    SELECT n.line, n.network, f.client
    FROM nameless n JOIN followed f ON f.line = n.line AND f.network = n.network AND f.status = 'release'
)
SELECT t.line, CASE WHEN b.line IS NOT NULL AND b.client IS NULL THEN '' ELSE t.status END AS status,
    t.moment, t.local_at, t.zone, t.network, t.lifetime_s, t.until, t.reject, t.excerpt,
    coalesce(b.client.mac, t.mac) AS mac, coalesce(b.client.duid, t.duid) AS duid,
    coalesce(b.client.client_id, t.client_id) AS client_id, coalesce(b.client.circuit_id, t.circuit_id) AS circuit_id,
    coalesce(b.client.remote_id, t.remote_id) AS remote_id, coalesce(b.client.hostname, t.hostname) AS hostname
FROM told t LEFT JOIN before b ON b.line = t.line AND b.network = t.network AND t.status = 'release'
