-- Question: what does each record of a line-regular log say, and can it be believed?
-- In: log_records (records.py), log_dated (dated.sql); $latest and $since bound the moments that are believed,
--     $account_from says by which of its names a client is known, $vrf which routing table the log speaks of.
-- Out: temporary table log_judged, one row a record, with the reason in `reject` where it cannot be used.
-- Ties: none, a record is judged by itself.
CREATE OR REPLACE TEMP TABLE log_judged AS
WITH typed AS (
    SELECT r.line, r.status, d.at_utc AS moment, d.why_not, coalesce(bounded_text(r.nas, 253), '') AS nas,
        r.session, nullif(r.vrf, '') AS vrf, r.network AS network_text, r.inside AS inside_text, r.port_first AS port_text,
        mac_of(r.mac) AS mac, hex_of(r.duid) AS duid, r.client_id, nullif(r.circuit_id, '') AS circuit_id,
        nullif(r.remote_id, '') AS remote_id, r.hostname, nullif(r.account_name, '') AS login,
        address_of(split_part(r.network, '/', 1)) AS network, address_of(split_part(r.inside, '/', 1)) AS inside,
        bits_of(r.network) AS prefix_bits, bits_of(r.inside) AS inside_bits,
        range_port_of(r.port_first) AS port_first, range_port_of(coalesce(nullif(r.port_last, ''), r.port_first)) AS port_last,
        transport_of(r.protocol) AS protocol, r.protocol AS protocol_text,
        whole_of(r.session_s) AS session_s, whole_of(r.lifetime_s) AS lifetime_s, r.until, r.reject AS refused, r.excerpt
    FROM log_records r JOIN log_dated d ON d.record = r.record
),
named AS (
    SELECT *, CASE $account_from
            WHEN '' THEN coalesce(login, mac, duid, nullif(client_id, ''))
            WHEN 'login' THEN login WHEN 'mac' THEN mac WHEN 'duid' THEN duid WHEN 'client-id' THEN nullif(client_id, '')
            WHEN 'circuit-id' THEN circuit_id WHEN 'remote-id' THEN remote_id
            WHEN 'circuit-id/remote-id' THEN circuit_id || '/' || remote_id
            WHEN 'hostname' THEN nullif(hostname, '') END AS account_name
    FROM typed
)
SELECT line, status, moment, nas, vrf, account_name, network_of(network, prefix_bits) AS network, prefix_bits::UTINYINT AS prefix_bits,
    CASE WHEN inside IS NOT NULL THEN network_of(inside, inside_bits) END AS inside, inside_bits::UTINYINT AS inside_bits,
    port_first, port_last, protocol,
    CASE WHEN session_s < 4294967295 THEN session_s::UINTEGER END AS session_s,
    CASE WHEN status = 'lease' THEN coalesce(until, moment + to_seconds(lifetime_s)) END AS until,
    -- A mapping has no id of its own: it is what was mapped, to whom.
    coalesce(nullif(session, ''), concat_ws('|', inside_text, vrf, network_text, port_first, port_last, protocol)) AS session,
    -- The line, where the account is not the line itself.
    CASE WHEN coalesce(circuit_id, remote_id) IS NOT NULL AND $account_from NOT IN ('circuit-id', 'remote-id', 'circuit-id/remote-id')
        THEN line_of('circuit', '', concat_ws('/', circuit_id, remote_id)) END AS line_hash,
    CASE
        WHEN refused IS NOT NULL THEN refused
        WHEN status IS NULL THEN 'not a record of this log'
        WHEN status = '' OR (vrf IS DISTINCT FROM $vrf AND $vrf IS NOT NULL) THEN NULL
        WHEN moment IS NULL THEN why_not
        WHEN moment > $latest THEN 'the moment lies in the future'
        WHEN moment < $since THEN 'the moment lies too far in the past'
        WHEN status IN ('nas-on', 'nas-off') THEN NULL
        WHEN network IS NULL THEN what('not an IP address', network_text)
        WHEN is_no_host(network) THEN what('an address that no host can have', network_text)
        WHEN prefix_bits IS NULL OR (prefix_bits < 32) THEN what('not a prefix, or one shorter than /32', network_text)
        WHEN inside IS NULL AND inside_text <> '' THEN what('not an IP address', inside_text)
        WHEN inside_text <> '' AND (inside_bits IS NULL OR inside_bits < 32) THEN what('not a prefix, or one shorter than /32', inside_text)
        WHEN port_text <> '' AND (port_first IS NULL OR port_last IS NULL OR port_last < port_first)
        THEN what('not a port or a range of ports', port_text)
        WHEN protocol_text <> '' AND protocol IS NULL THEN what('not a transport protocol', protocol_text)
        WHEN status IN ('start', 'interim', 'stop') AND account_name IS NULL AND inside IS NULL
        THEN 'it names neither an account nor an inside address'
        WHEN status = 'lease' AND coalesce(until, moment + to_seconds(lifetime_s)) IS NULL THEN 'a lease without an end'
        WHEN status = 'lease' AND coalesce(until, moment + to_seconds(lifetime_s)) < moment THEN 'a lease that ends before it starts'
        WHEN length(account_name) > 253 OR regexp_matches(account_name, '[\x00-\x1f\x7f]')
        THEN 'an account of over 253 characters, or with control characters'
        END AS reject,
    left(excerpt, 200) AS excerpt,
    status = '' OR (vrf IS DISTINCT FROM $vrf AND $vrf IS NOT NULL) AS beside
FROM named
