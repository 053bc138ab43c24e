-- What sightings does the log hold, and which lines say something but cannot be used?
-- In:  accused, shown, rules, behaviours (names), never (network, bits, why), $source.
-- Out: the table told_of, one row a line that accuses and one a behaviour (`lines` says of how many): a sighting's
--      columns, what the service says of it, and for a line that makes none `reject`, why.
-- A line without a completed handshake is a lead (RFC 9293 §3.5), as is one about an address that nobody is behind.
-- Ties: two lines that say the same of the same moment have the same id; whoever stores them keeps the first.
CREATE OR REPLACE TABLE told_of AS
WITH told AS (
    SELECT a.line, a.address, a.host, a.port, coalesce(a.protocol, r.protocol) AS protocol, a.peer, a.peer_port, a."at" AS seen_at,
        a."at" AS seen_until, a.is_exact, r.kind, r.taxonomy, r.confidence, r.handshake, r.service_name, r.name AS rule, r.application,
        r.cve, NULL::VARCHAR AS behaviour, NULL::BIGINT AS lines, a.undated, a.text, a.target
    FROM accused a JOIN rules r ON r.number = a.rule WHERE a.does IN ('accuses', 'suspects')
    UNION ALL
    SELECT s.line, a.address, a.host, NULL AS port, coalesce(a.protocol, b.protocol), NULL AS peer, NULL AS peer_port, s.seen_at,
        s.seen_until, a.is_exact, b.kind, b.taxonomy, b.confidence, r.handshake, b.service_name, '' AS rule, b.application,
        '' AS cve, b.name AS behaviour, s.lines, '' AS undated, a.text, '' AS target
    FROM shown s
    JOIN accused a ON a.line = s.line
    JOIN rules r ON r.number = a.rule
    JOIN (SELECT number, any_value(kind) AS kind, any_value(taxonomy) AS taxonomy, any_value(confidence) AS confidence,
            any_value(service_name) AS service_name, any_value(application) AS application, any_value(protocol) AS protocol,
            any_value(name) AS name FROM behaviours GROUP BY number) b ON b.number = s.behaviour
),
spared AS (
    SELECT h.address, any_value(n.why) AS why
    FROM (SELECT DISTINCT address FROM told WHERE address IS NOT NULL) h
    JOIN never n ON network_of(h.address, n.bits) = n.network
    GROUP BY h.address
),
judged AS (
    SELECT t.line, t.address, t.host, t.port, t.protocol, t.peer, t.peer_port, t.seen_at, t.seen_until, t.is_exact, t.kind,
        t.taxonomy, t.confidence, t.handshake, t.service_name, t.rule, t.application, t.cve, t.behaviour, t.lines, t.text, s.why,
        CASE WHEN t.address IS NULL THEN what('names a host, not an address', t.host)
            WHEN t.seen_at IS NULL THEN coalesce(nullif(t.undated, ''), 'the line has no moment')
            WHEN t.seen_at < TIMESTAMP '1995-01-01' THEN what('a moment before 1995', t.seen_at::VARCHAR) END AS reject
    FROM told t LEFT JOIN spared s ON s.address = t.address
)
SELECT CASE WHEN reject IS NULL THEN sighting_id($source, kind, NULL, seen_at, address, port, protocol, peer) END AS id,
    seen_at, seen_until, CASE WHEN is_exact THEN 0 ELSE 1 END AS precision_s,
    CASE WHEN handshake AND why IS NULL THEN 'attacker' ELSE 'lead' END AS role,
    address, port, protocol, peer AS peer_address, peer_port, kind, taxonomy, confidence, service_name, application,
    coalesce(behaviour, rule) AS rule, lines, cve, handshake, why AS spared, line AS evidence_line, reject, host, text
FROM judged
