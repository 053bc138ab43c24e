-- What has every line said that some rule matches?
-- In:  gathered (Arrow columns, FINDINGS of match.py; read once).
-- Out: the table findings, one row a line: the columns of FINDINGS, with `address` (NULL where the host is a name)
--      and `origin`, what behaviours are counted by: the address, of IPv6 its /64 (RFC 6177: a site has that many at least).
-- Ties: none.
CREATE OR REPLACE TABLE findings AS
SELECT line, rule, machine, pid, host, port_of(port) AS port, account, target, address_of(peer) AS peer,
    port_of(peer_port) AS peer_port, transport_of(protocol) AS protocol, text, "at", local_at, is_exact, undated, address,
    CASE WHEN address < '00000000-0000-0000-0000-ffff00000000'::UUID OR address > '00000000-0000-0000-0000-ffffffffffff'::UUID
        THEN network_of(address, 64) ELSE address END AS origin
FROM (
    SELECT line, rule, machine, pid, host, port, "user" AS account, target, peer, peer_port, protocol, text, "at", local_at,
        is_exact, undated, address_of(host) AS address
    FROM gathered
)
