-- What sighting does each record make, and if none, why?
-- In:  texts (texts.py), $source, $reader.
-- Out: one row a record, in the order of the evidence: the lake's columns of a sighting, evidence_line, and for a record
--      that makes none `reject` (the reason, with the value seen) and `excerpt`.
-- Ties: none; the same record read twice has the same id, and settle.py keeps the first.
WITH typed AS (
    SELECT line, kind, taxonomy, role AS claimed, proof, extra,
        moment AS at_text, starts AS starts_text, ends AS ends_text, address AS address_text, port AS port_text,
        peer AS peer_text, peer_port AS peer_port_text, application, confidence,
        address_of(address) AS address, port_of(port) AS port, transport_of(protocol) AS protocol, protocol AS protocol_text,
        address_of(peer) AS peer_address, port_of(peer_port) AS peer_port,
        moment_of(moment) AS told_at, moment_of(starts) AS starts_at, moment_of(ends) AS ends_at,
        bounded_text(peer_name, 255) AS peer_name, lower(bounded_text(malware, 200)) AS malware,
        bounded_text(source_ref, 200) AS source_ref, bounded_text(observer, 200) AS observer
    FROM texts
),
judged AS (
    SELECT line, kind, taxonomy, claimed, proof, extra, at_text, starts_text, address_text, port_text, protocol_text,
        peer_text, peer_port_text, application, confidence, address, port, protocol, peer_address, peer_port, peer_name,
        malware, source_ref, observer,
        coalesce(starts_at, told_at) AS seen_at,
        coalesce(ends_at, greatest(starts_at, told_at), starts_at, told_at) AS seen_until,
        CASE
        WHEN address IS NULL THEN what('not an IP address', address_text)
        WHEN is_no_host(address) THEN what('an address that no host can have', address_text)
        WHEN told_at IS NULL AND (starts_at IS NULL OR at_text <> '') THEN what('not a moment', at_text)
        WHEN starts_at IS NULL AND starts_text <> '' THEN what('not a moment', starts_text)
        WHEN ends_at IS NULL AND ends_text <> '' THEN what('not a moment', ends_text)
        WHEN seen_at < TIMESTAMP '1995-01-01' THEN what('a moment before 1995', coalesce(nullif(starts_text, ''), at_text))
        WHEN seen_until < seen_at THEN what('it ends before it starts', ends_text)
        -- Two clocks that differ by more than a day: one of the columns is not what its name says.
        WHEN abs(epoch(told_at) - epoch(starts_at)) > 86400 THEN what('its moments are over a day apart', at_text)
        WHEN port IS NULL AND port_text <> '' AND port_text <> '0' THEN what('not a port', port_text)
        WHEN protocol IS NULL AND protocol_text <> '' THEN what('not a transport protocol', protocol_text)
        WHEN peer_port IS NULL AND peer_port_text <> '' AND peer_port_text <> '0' THEN what('not a port', peer_port_text)
        -- An anonymised peer (`192.0.2.x`, five numbers) is let pass without it; a word there means swapped columns.
        WHEN peer_address IS NULL AND peer_text <> '' AND NOT regexp_full_match(peer_text, '[0-9A-Fa-fXx]*[.:][0-9A-Fa-fXx.:]*')
            THEN what('not an IP address', peer_text)
        END AS reject
    FROM typed
)
SELECT
    CASE WHEN reject IS NULL
        THEN sighting_id($source, kind, malware, seen_at, address, port, protocol, peer_address) END AS id,
    seen_at,
    seen_until,
    -- Where the source gives fractions of a second, its own clock's accuracy (configured) is the only doubt.
    CASE WHEN contains(CASE WHEN starts_text <> '' THEN starts_text ELSE at_text END, '.') THEN 0 ELSE 1 END AS precision_s,
    CASE
        -- RFC 9293 §3.5: a TCP conversation takes a handshake, which the true holder of the address must answer.
        WHEN proof = 'tcp' AND protocol IS DISTINCT FROM 'tcp' THEN 'lead'
        WHEN proof = 'talk' AND (protocol IS DISTINCT FROM 'tcp' OR application = '') THEN 'lead'
        -- Link scanners and the curious call a sinkhole too: only a caller that was known by its program is a bot.
        WHEN proof = 'named' AND (protocol IS DISTINCT FROM 'tcp' OR malware IS NULL) THEN 'lead'
        WHEN proof = 'not-bare' AND protocol <> 'tcp' THEN 'lead'
        ELSE claimed END AS role,
    source_ref, address, port, protocol, peer_address, peer_port, peer_name, kind, taxonomy, malware,
    CASE WHEN TRY_CAST(confidence AS DOUBLE) BETWEEN 0 AND 100 THEN round(TRY_CAST(confidence AS DOUBLE))::UTINYINT END
        AS confidence,
    $source AS source,
    coalesce(observer, $source) AS observer,
    $reader AS reader,
    CASE WHEN peer_address IS NULL AND peer_text <> ''
        THEN '{"peer_address":' || to_json(left(peer_text, 60))
            || CASE WHEN extra IS NULL THEN '}' ELSE ',' || substr(extra, 2) END
        ELSE extra END AS extra,
    line AS evidence_line,
    reject,
    CASE WHEN reject IS NOT NULL
        THEN left(concat_ws(' ', at_text, address_text, port_text, protocol_text, peer_text, peer_port_text), 200) END AS excerpt
FROM judged
