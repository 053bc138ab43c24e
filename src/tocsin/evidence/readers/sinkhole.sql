-- What does each touch of a sinkhole show: a bot that speaks its own protocol, or anybody who came by?
-- In:  touches (the fields of sinkhole_fields.py as texts, `line`, `extra` as a JSON object or NULL), the macros
--      sinkhole_rule (number of the rule that holds, 0 where none does), sinkhole_host_rule (by the host alone),
--      sinkhole_malware and sinkhole_names_speech (of a rule), sinkhole_is_scanner and sinkhole_is_anybodys (of a user agent).
-- Out: one row a touch: the columns of TEXTS. `infected` only where nothing speaks against it; extra.why_lead says what did.
-- Ties: the first rule that holds.
WITH parted AS (
    SELECT line, port AS client_port, peer, peer_port, lower(protocol) AS said_protocol, lower(service) AS said_service,
        user_agent, referer, forwarded, purpose, payload, malware, source_ref, qtype, extra, request, moment AS said_moment,
        lower(user_agent) AS agent, host AS said_host, address AS said_address,
        -- Go writes the client as 192.0.2.1:40000 and [2001:db8::1]:40000.
        CASE WHEN regexp_full_match(address, '[0-9.]{7,15}:[0-9]{1,5}') THEN split_part(address, ':', 1)
            WHEN regexp_full_match(address, '\[[0-9A-Fa-f:.]{2,45}\]:[0-9]{1,5}') THEN regexp_extract(address, '^\[(.*)\]', 1)
            ELSE address END AS address,
        -- 1764000000, with a fraction, or in milliseconds.
        CASE WHEN regexp_full_match(moment, '[0-9]{10}')
            THEN strftime(make_timestamp(moment::BIGINT * 1000000), '%Y-%m-%d %H:%M:%S')
            WHEN regexp_full_match(moment, '[0-9]{10}\.[0-9]{1,9}')
            THEN strftime(make_timestamp(left(moment, 10)::BIGINT * 1000000), '%Y-%m-%d %H:%M:%S') || substr(moment, 11)
            WHEN regexp_full_match(moment, '[0-9]{13}')
            THEN strftime(make_timestamp(moment::BIGINT * 1000), '%Y-%m-%d %H:%M:%S.%g')
            ELSE moment END AS moment,
        upper(CASE WHEN method <> '' THEN method ELSE regexp_extract(request, '^([A-Za-z]{1,20}) ', 1) END) AS method,
        CASE WHEN path <> '' THEN path ELSE regexp_extract(request, '^[A-Za-z]{1,20} ([^ ]+)', 1) END AS target,
        lower(CASE WHEN payload_hex <> '' THEN payload_hex
            WHEN payload_base64 <> '' THEN coalesce(hex(try(from_base64(payload_base64))), '')
            ELSE hex(encode(payload)) END) AS payload_hex
    FROM touches
),
told AS (
    SELECT line, moment, address, peer, peer_port, user_agent, agent, referer, forwarded, purpose, payload, payload_hex,
        malware, source_ref, extra, method,
        CASE WHEN client_port <> '' OR address = said_address THEN client_port
            ELSE regexp_extract(said_address, ':([0-9]+)$', 1) END AS port,
        CASE WHEN said_host <> '' THEN said_host ELSE regexp_extract(target, '^[a-zA-Z]{2,5}://([^/:?#]+)', 1) END AS host,
        regexp_replace(target, '^[a-zA-Z]{2,5}://[^/?#]*', '') AS path,
        CASE WHEN contains(said_service, 'dns') OR qtype <> '' THEN 'dns'
            WHEN method <> '' OR target <> '' OR user_agent <> '' OR contains(said_service, 'http') THEN 'http'
            ELSE 'tcp' END AS service,
        -- HTTP before its third version runs over TCP; the third, and whatever is not said, is not believed to.
        CASE WHEN contains(upper(request), ' HTTP/3') THEN 'udp'
            WHEN said_protocol IN ('http', 'https', 'tls', 'ssl') THEN 'tcp'
            WHEN said_protocol IN ('dns', '') AND (method <> '' OR target <> '') THEN 'tcp'
            WHEN said_protocol = 'dns' THEN ''
            ELSE said_protocol END AS protocol
    FROM parted
),
ruled AS (
    SELECT line, moment, address, port, peer, peer_port, protocol, host, malware, source_ref, extra, method, path, agent,
        referer, forwarded, purpose, service,
        CASE WHEN service = 'dns' THEN 0
            ELSE sinkhole_rule(host, method, path, user_agent, referer, payload, payload_hex, peer_port) END AS rule,
        sinkhole_host_rule(host) AS host_rule
    FROM told
),
weighed AS (
    SELECT line, moment, address, port, peer, peer_port, protocol, host, source_ref, extra, service,
        CASE WHEN rule > 0 THEN sinkhole_malware(rule)
            WHEN malware <> '' THEN malware
            WHEN host_rule > 0 THEN sinkhole_malware(host_rule) ELSE '' END AS malware,
        CASE
            WHEN service = 'dns' THEN 'a resolver asks for its clients'
            WHEN protocol <> 'tcp' THEN 'not over TCP'
            WHEN sinkhole_is_scanner(agent) THEN 'a scanner, by its own word'
            WHEN forwarded <> '' THEN 'a proxy called for somebody else'
            WHEN purpose <> '' THEN 'fetched in advance'
            WHEN rule = 0 THEN 'no rule of the map holds'
            WHEN referer <> '' AND NOT sinkhole_names_referer(rule) THEN 'a page led there'
            -- A link that was clicked, an image in a page, a person who looks.
            WHEN sinkhole_is_anybodys(agent) AND NOT sinkhole_names_speech(rule) THEN 'anybody''s program'
            WHEN list_contains(['GET', 'HEAD', 'OPTIONS', ''], method) AND service = 'http'
                AND list_contains(['', '/', '/favicon.ico', '/robots.txt'], path)
                AND (sinkhole_is_anybodys(agent) AND NOT sinkhole_names_payload(rule) OR NOT sinkhole_names_speech(rule))
                THEN 'what everybody asks for'
            ELSE '' END AS why_lead
    FROM ruled
)
SELECT line, moment, '' AS starts, '' AS ends, address, port, protocol, service AS application, peer, peer_port,
    host AS peer_name, malware, source_ref, '' AS observer,
    CASE WHEN malware <> '' THEN 'infected-system' ELSE 'undetermined' END AS kind,
    CASE WHEN malware <> '' THEN 'malicious-code' ELSE 'other' END AS taxonomy,
    CASE WHEN why_lead = '' THEN 'infected' ELSE 'lead' END AS role,
    'tcp' AS proof,
    '' AS confidence,
    CASE WHEN why_lead = '' THEN extra
        ELSE '{"why_lead":' || to_json(why_lead) || CASE WHEN extra IS NULL THEN '}' ELSE ',' || substr(extra, 2) END
        END AS extra
FROM weighed
