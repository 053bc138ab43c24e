-- Where did a tracker see an attacker's server, and when last?
-- In:  listed (line, first_seen, last_seen, updated, address, port, url, threat, malware, source_ref, confidence, extra).
-- Out: one row an entry: the columns of TEXTS. An entry is seen when it was last online. Where the list says only the day, it
--      is that whole day; of the list's newest day no more than up to the moment when the list was made, if it says one.
-- Ties: none.
WITH placed AS (
    SELECT line, first_seen, last_seen, updated, malware, source_ref, confidence, extra, lower(threat) AS threat, url,
        lower(regexp_extract(url, '^([A-Za-z][A-Za-z0-9+.-]*)://', 1)) AS scheme,
        regexp_extract(url, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@?#]*@)?(\[[0-9A-Fa-f:.]*\]|[^/:?#\[\]@]*)', 1) AS url_host,
        regexp_extract(url, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@?#]*@)?(?:\[[0-9A-Fa-f:.]*\]|[^/:?#\[\]@]*):([0-9]+)', 1)
            AS url_port,
        CASE WHEN regexp_full_match(address, '[0-9.]{7,15}:[0-9]{1,5}') THEN split_part(address, ':', 1)
            WHEN regexp_full_match(address, '\[[0-9A-Fa-f:.]{2,45}\]:[0-9]{1,5}') THEN regexp_extract(address, '^\[(.*)\]', 1)
            ELSE address END AS bare,
        CASE WHEN port <> '' THEN port WHEN regexp_full_match(address, '(?:[0-9.]{7,15}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}')
            THEN regexp_extract(address, ':([0-9]{1,5})$', 1) ELSE '' END AS port,
        CASE WHEN regexp_full_match(last_seen, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN last_seen ELSE '' END AS last_day,
        max(CASE WHEN regexp_full_match(last_seen, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN last_seen ELSE '' END) OVER () AS newest
    FROM listed
),
dated AS (
    SELECT line, malware, source_ref, confidence, extra, threat, url, scheme, url_host, url_port, bare, port, last_day, newest,
        updated,
        CASE WHEN last_day <> '' AND left(first_seen, 10) = last_day THEN first_seen
            WHEN last_day <> '' THEN last_day || ' 00:00:00'
            WHEN last_seen <> '' THEN last_seen
            ELSE first_seen END AS starts
    FROM placed
)
SELECT line, starts AS moment, starts,
    CASE WHEN last_day = '' THEN ''
        WHEN last_day < newest THEN last_day || ' 23:59:59'
        WHEN left(updated, 10) = last_day THEN updated ELSE '' END AS ends,
    CASE WHEN bare <> '' THEN bare ELSE trim(url_host, '[]') END AS address,
    CASE WHEN port <> '' OR bare <> '' THEN port WHEN url_port <> '' THEN url_port
        WHEN scheme = 'http' THEN '80' WHEN scheme = 'https' THEN '443' ELSE '' END AS port,
    CASE WHEN bare = '' AND list_contains(['http', 'https'], scheme) THEN 'tcp' ELSE '' END AS protocol,
    CASE WHEN bare = '' AND list_contains(['http', 'https'], scheme) THEN 'http' ELSE '' END AS application,
    '' AS peer, '' AS peer_port, '' AS peer_name, malware, source_ref, '' AS observer,
    CASE WHEN regexp_matches(threat, 'botnet_cc|c2|c&c|command') THEN 'c2-server'
        WHEN regexp_matches(threat, 'download|payload|delivery|distribution') OR bare = '' THEN 'malware-distribution'
        ELSE 'c2-server' END AS kind,
    'malicious-code' AS taxonomy,
    'infrastructure' AS role,
    '' AS proof,
    confidence,
    extra
FROM dated
