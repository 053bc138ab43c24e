-- What did each of our hosts do towards addresses outside?
-- In:  contacts, own (address), named, service_ports (port), keepalive_ports (port).
-- Out: one row a contact of an own host with a host outside: the columns of `contacts`, `host`, and what is known of the peer.
WITH popular AS (
    SELECT called, count(DISTINCT caller) AS callers FROM contacts SEMI JOIN own ON own.address = contacts.caller
    WHERE answered > 0 GROUP BY called
),
population AS (SELECT count(*) AS hosts FROM own)
SELECT c.caller AS host, c.called, c.called_port, c.protocol, c.flows, c.answered, c.failed, c.bytes_out, c.bytes_in,
    c.bytes_out_max, c.packets_out, c.packets_in, c.duration_s, c.duration_s_max, c.first_at, c.last_at, c.service,
    n.name,
    -- Dynamic DNS, where anybody has a name at once and for nothing.
    coalesce(regexp_matches(n.name, '\.(duckdns\.org|ddns\.net|no-ip\.(org|com|biz|info)|hopto\.org|zapto\.org|sytes\.net|myftp\.(biz|org)|servebeer\.com|serveblog\.net|redirectme\.net|bounceme\.net|con-ip\.com|dynu\.(net|com)|freeddns\.org|ddnsfree\.com|dyndns\.(org|info)|linkpc\.net|publicvm\.com|portmap\.(io|host)|kozow\.com|mywire\.org|gotdns\.ch|myvnc\.com|servehttp\.com|chickenkiller\.com|ngrok\.io)$'), false) AS is_lent,
    sp.port IS NOT NULL AS is_service_port,
    kp.port IS NOT NULL AS is_keepalive,
    -- Many of ours speak to it and are answered: whatever it is, it is not one host's secret.
    coalesce(p.callers, 0) >= 5 AND coalesce(p.callers, 0) >= 0.05 * population.hosts AS is_popular
FROM contacts c
SEMI JOIN own ON own.address = c.caller
ANTI JOIN own inner_own ON inner_own.address = c.called
LEFT JOIN named n ON n.address = c.called
LEFT JOIN popular p ON p.called = c.called
LEFT JOIN service_ports sp ON sp.port = c.called_port
LEFT JOIN keepalive_ports kp ON kp.port = c.called_port
CROSS JOIN population
WHERE NOT is_no_host(c.called) AND NOT is_private(c.called) AND NOT is_link_local(c.called)
