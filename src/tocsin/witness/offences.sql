-- Which addresses did what, and is it sure enough to be reported?
-- In:  told_of (sightings.sql), accused, rules, $confidence_min (0 to 100), $with_leads (also what completed no handshake).
-- Out: one row an address, service and kind: first_at, last_at, lines, the highest confidence of a line or behaviour, the
--      rules that it matched, the client's port (that of its last line), up to $samples_max lines as logged (newest last).
-- An address that nobody is behind (`spared`) is never among them. Ties: of lines of one moment the order of the log.
WITH reported AS (
    SELECT address, service_name, kind, any_value(taxonomy) AS taxonomy, any_value(application) AS application,
        min(seen_at) AS first_at, max(seen_until) AS last_at, max(confidence) AS confidence,
        max(coalesce(lines, 0)) AS behaviour_lines, count(*) FILTER (WHERE lines IS NULL) AS own_lines,
        list_sort(list(DISTINCT rule)) AS rules, list_sort(list(DISTINCT cve) FILTER (WHERE cve <> '')) AS cves,
        max_by(port, evidence_line) AS port, max_by(protocol, evidence_line) AS protocol,
        max_by(peer_address, evidence_line) AS peer_address, max_by(peer_port, evidence_line) AS peer_port,
        bool_or(handshake) AS handshake
    FROM told_of
    WHERE reject IS NULL AND spared IS NULL AND (handshake OR $with_leads)
    GROUP BY address, service_name, kind
    HAVING max(confidence) >= $confidence_min
),
seen AS (  -- the lines that show it: of its kind, and where behaviours show it those that only count
    SELECT w.address, w.service_name, w.kind, a.text, a.target, a.line,
        row_number() OVER (PARTITION BY w.address, w.service_name, w.kind ORDER BY a.line DESC) AS place
    FROM reported w
    JOIN accused a ON a.address = w.address
    JOIN rules r ON r.number = a.rule AND r.service_name = w.service_name
    WHERE r.kind = w.kind OR (w.behaviour_lines > 0 AND r.does = 'counts')
),
shown AS (
    SELECT address, service_name, kind, list(text ORDER BY line) FILTER (WHERE place <= $samples_max) AS samples,
        list_sort(list(DISTINCT target) FILTER (WHERE target <> '' AND place <= 200)) AS resources
    FROM seen GROUP BY address, service_name, kind
)
SELECT r.address, r.service_name, r.kind, r.taxonomy, r.application, r.first_at, r.last_at,
    greatest(r.behaviour_lines, r.own_lines) AS lines, r.confidence, r.rules, r.cves, r.port, r.protocol, r.peer_address,
    r.peer_port, r.handshake, s.samples, s.resources
FROM reported r JOIN shown s ON s.address = r.address AND s.service_name = r.service_name AND s.kind = r.kind
ORDER BY r.address, r.first_at, r.kind
