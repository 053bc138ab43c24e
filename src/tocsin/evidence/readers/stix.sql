-- Question: which address was observed doing what?
-- In:  stix_facts (stix_facts.py): one row a fact, in the order of the evidence; ids may point forward, or at nothing.
-- Out: the columns of TEXTS, in the order of the evidence: a row for each address of an observation and each sighting of it (the
--      eight that say most), for each sighting without an observation, and for each indicator that nobody sighted.
-- Ties: of an object that is there in several versions the last modified counts, else the later one.
-- Malware sighted in traffic does not say at which end it is: the source is a lead, unless a label or an indicator of type
-- `compromised` says that it is infected. An indicator's own time is no sighting.
WITH one AS (
    SELECT line, fact, id, ref, ref2, text, port, peer_port, protocol, application, moment, starts, ends, kind, taxonomy, role, proof,
        observer, confidence, extra
    FROM stix_facts
    WHERE NOT list_contains(['observes', 'shows', 'resolves', 'relation', 'pattern'], fact)
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY modified DESC, line DESC) = 1
),
relation AS (
    SELECT DISTINCT ref, ref2, text FROM stix_facts WHERE fact = 'relation'
),
named AS (  -- the malware that an object speaks of
    SELECT id, min(malware) AS malware FROM (
        SELECT id, text AS malware FROM one WHERE fact = 'malware' AND text <> ''
        UNION ALL
        SELECT r.ref, m.text FROM relation r JOIN one m ON m.fact = 'malware' AND m.id = r.ref2
        WHERE list_contains(['indicates', 'uses', 'hosts', 'delivers', 'controls'], r.text) AND m.text <> ''
        UNION ALL
        SELECT r.ref2, m.text FROM relation r JOIN one m ON m.fact = 'malware' AND m.id = r.ref
        WHERE list_contains(['communicates-with', 'beacons-to', 'exfiltrates-to'], r.text) AND m.text <> '')
    GROUP BY id
),
servers AS (  -- addresses that are said to serve attackers
    SELECT id, min(kind) AS kind FROM (
        SELECT r.ref2 AS id, i.kind FROM relation r JOIN one i ON i.fact = 'infrastructure' AND i.role = 'infrastructure' AND i.id = r.ref
        WHERE r.text = 'consists-of'
        UNION ALL
        SELECT r.ref2, 'c2-server' FROM relation r JOIN one m ON m.fact = 'malware' AND m.id = r.ref
        WHERE list_contains(['communicates-with', 'beacons-to', 'exfiltrates-to'], r.text))
    GROUP BY id
),
meanings AS (  -- what an object says of an address, if it is sighted there
    SELECT w.id, n.malware, w.kind, w.taxonomy, w.role, w.proof, w.text AS name
    FROM one w LEFT JOIN named n ON n.id = w.id
    WHERE list_contains(['indicator', 'malware', 'infrastructure', 'what'], w.fact)
),
claims AS (
    SELECT sh.ref AS observed, s.id, s.ref AS what, s.kind, s.taxonomy, s.role, s.proof, s.observer, s.confidence, s.extra
    FROM one s JOIN stix_facts sh ON sh.fact = 'shows' AND sh.id = s.id
    WHERE s.fact = 'sighting'
    UNION ALL
    SELECT r.ref2, r.ref, r.ref, '', '', '', '', '', '', NULL FROM relation r WHERE r.text = 'based-on'
),
said AS (
    SELECT o.line, o.id AS observed, o.moment, o.starts, o.ends, c.id AS claim, m.malware,
        coalesce(nullif(o.kind, ''), nullif(c.kind, ''), nullif(m.kind, '')) AS kind,
        CASE WHEN o.kind <> '' THEN o.taxonomy WHEN c.kind <> '' THEN c.taxonomy ELSE m.taxonomy END AS taxonomy,
        CASE WHEN o.kind <> '' THEN o.role WHEN c.kind <> '' THEN c.role ELSE m.role END AS role,
        CASE WHEN o.kind <> '' THEN o.proof WHEN c.kind <> '' THEN c.proof ELSE m.proof END AS proof,
        coalesce(nullif(c.observer, ''), o.observer) AS observer,
        coalesce(nullif(c.confidence, ''), o.confidence) AS confidence,
        CASE WHEN coalesce(nullif(o.kind, ''), nullif(c.kind, '')) IS NULL THEN c.what END AS said_by,
        c.extra AS claim_extra, o.extra AS observed_extra
    FROM one o
    LEFT JOIN claims c ON c.observed = o.id
    LEFT JOIN meanings m ON m.id = c.what
    WHERE o.fact = 'observed'
    QUALIFY row_number() OVER (
        PARTITION BY o.id ORDER BY coalesce(nullif(c.kind, ''), nullif(m.kind, '')) IS NULL, m.malware IS NULL, c.id) <= 8
),
parts AS (
    SELECT DISTINCT id AS observed, ref FROM stix_facts WHERE fact = 'observes'
),
traffic AS (
    SELECT p.observed, t.ref AS source, t.ref2 AS target, a.text AS source_text,
        CASE WHEN b.fact = 'address' THEN b.text ELSE '' END AS target_text, CASE WHEN b.fact = 'name' THEN b.text END AS target_name, t.port, t.peer_port, t.protocol,
        t.application
    FROM parts p
    JOIN one t ON t.fact = 'traffic' AND t.id = p.ref
    LEFT JOIN one a ON a.id = t.ref
    LEFT JOIN one b ON b.id = t.ref2
),
ends AS (
    SELECT observed, source AS id FROM traffic UNION ALL SELECT observed, target FROM traffic
),
target_names AS (
    SELECT d.ref AS id, min(n.text) AS name FROM stix_facts d JOIN one n ON n.fact = 'name' AND n.id = d.id
    WHERE d.fact = 'resolves' GROUP BY d.ref
),
touched AS (
    SELECT t.observed, t.source AS part, t.source_text AS address, t.port, t.protocol, t.application,
        t.target_text AS peer, t.peer_port, coalesce(t.target_name, n.name) AS peer_name, 'source' AS side
    FROM traffic t LEFT JOIN target_names n ON n.id = t.target
    WHERE t.source <> ''
    UNION ALL
    SELECT observed, target, coalesce(target_name, target_text), peer_port, protocol, application, '', '', '', 'target' FROM traffic WHERE source = ''
    UNION ALL
    SELECT p.observed, p.ref, a.text, '', '', '', '', '', '', 'alone'
    FROM parts p
    JOIN one a ON a.fact = 'address' AND a.id = p.ref
    ANTI JOIN ends e ON e.observed = p.observed AND e.id = p.ref
),
pattern_addresses AS (
    SELECT id, list(text) AS addresses FROM stix_facts WHERE fact = 'pattern' AND ref2 = 'address' GROUP BY id
),
without AS (  -- what else was observed, for the reject
    SELECT p.observed, min(n.text) AS shown FROM parts p JOIN one n ON list_contains(['name', 'thing'], n.fact) AND n.id = p.ref
    GROUP BY p.observed
),
observed AS (
    SELECT s.line, s.moment, s.starts, s.ends, coalesce(t.address, w.shown, 'an observation of no address') AS address, t.port, t.protocol,
        t.application, t.peer, t.peer_port, t.peer_name,
        coalesce(s.malware, n.malware) AS malware, coalesce(s.claim, s.observed) AS source_ref, s.observer, s.confidence,
        CASE
            WHEN s.kind IS NOT NULL AND NOT (t.side = 'source' AND s.role = 'infrastructure') THEN s.kind
            WHEN t.side <> 'source' AND v.kind IS NOT NULL THEN v.kind
            WHEN coalesce(s.malware, n.malware) IS NOT NULL THEN 'infected-system'
            ELSE 'undetermined' END AS kind,
        s.taxonomy AS stated_taxonomy,
        CASE
            -- An indicator about other addresses says nothing of this one: it may be the visitor of a compromised server.
            WHEN NOT list_contains(pa.addresses, t.address) AND s.role <> 'infrastructure' THEN 'lead'
            WHEN t.side = 'target' AND s.role <> 'infrastructure' THEN CASE WHEN v.kind IS NULL THEN 'lead' ELSE 'infrastructure' END
            WHEN s.kind IS NOT NULL AND NOT (t.side = 'source' AND s.role = 'infrastructure') THEN s.role
            WHEN t.side <> 'source' AND v.kind IS NOT NULL THEN 'infrastructure'
            ELSE 'lead' END AS role,
        s.proof,
        CASE WHEN s.claim_extra IS NULL THEN s.observed_extra WHEN s.observed_extra IS NULL THEN s.claim_extra
            ELSE '{"sighting":' || s.claim_extra || ',' || substr(s.observed_extra, 2) END AS extra
    FROM said s
    LEFT JOIN touched t ON t.observed = s.observed
    LEFT JOIN without w ON w.observed = s.observed
    LEFT JOIN named n ON n.id = t.part
    LEFT JOIN servers v ON v.id = t.part
    LEFT JOIN pattern_addresses pa ON pa.id = s.said_by
),
patterns AS (
    SELECT line, id, ref AS side, text AS address, moment, extra FROM stix_facts WHERE fact = 'pattern'
),
unobserved AS (  -- sightings whose observation is not there, or that name none
    SELECT s.line, s.id, s.ref AS what, s.moment, s.starts, s.ends, s.kind, s.taxonomy, s.role, s.proof, s.observer, s.confidence, s.extra
    FROM one s
    WHERE s.fact = 'sighting' AND NOT EXISTS (
        SELECT 1 FROM claims c JOIN one o ON o.fact = 'observed' AND o.id = c.observed WHERE c.id = s.id)
),
sighted AS (
    SELECT u.line, u.moment, u.starts, u.ends,
        coalesce(p.address, 'a sighting of ' || coalesce(nullif(m.name, ''), u.what)) AS address, u.id AS source_ref, m.malware,
        u.observer, u.confidence, p.side, TRUE AS is_seen, u.extra,
        coalesce(nullif(u.kind, ''), nullif(m.kind, '')) AS kind,
        CASE WHEN u.kind <> '' THEN u.taxonomy ELSE m.taxonomy END AS taxonomy,
        CASE WHEN u.kind <> '' THEN u.role ELSE m.role END AS role,
        CASE WHEN u.kind <> '' THEN u.proof ELSE m.proof END AS proof
    FROM unobserved u
    LEFT JOIN patterns p ON p.id = u.what
    LEFT JOIN meanings m ON m.id = u.what
    UNION ALL
    SELECT p.line, p.moment, NULL, NULL, p.address, p.id, m.malware, i.observer, i.confidence, p.side, FALSE, p.extra,
        nullif(m.kind, ''), m.taxonomy, m.role, m.proof
    FROM patterns p
    JOIN one i ON i.fact = 'indicator' AND i.id = p.id
    LEFT JOIN meanings m ON m.id = p.id
    WHERE NOT EXISTS (SELECT 1 FROM one s WHERE s.fact = 'sighting' AND s.ref = p.id)
),
rows_of_all AS (
    SELECT line, moment, starts, ends, address, port, protocol, application, peer, peer_port, peer_name, malware, source_ref, observer,
        confidence, kind, stated_taxonomy, role, proof, extra
    FROM observed
    UNION ALL
    SELECT line, moment, starts, ends, address, '', '', '', '', '', '', malware, source_ref, observer, confidence,
        CASE WHEN kind IS NOT NULL THEN kind WHEN malware IS NOT NULL AND side <> 'src' THEN 'c2-server' ELSE 'undetermined' END,
        taxonomy,
        CASE WHEN kind IS NOT NULL THEN CASE WHEN is_seen OR role = 'infrastructure' THEN role ELSE 'lead' END
            WHEN malware IS NOT NULL AND side <> 'src' THEN 'infrastructure'
            ELSE 'lead' END,
        CASE WHEN kind IS NOT NULL THEN proof ELSE '' END,
        extra
    FROM sighted
)
SELECT r.line, r.moment, r.starts, r.ends, r.address, r.port, r.protocol, r.application, r.peer, r.peer_port, r.peer_name, r.malware,
    r.source_ref, who.text AS observer, r.kind,
    CASE WHEN r.kind = 'undetermined' THEN 'other'
        WHEN list_contains(['infected-system', 'c2-server', 'malware-distribution'], r.kind) THEN 'malicious-code'
        WHEN r.kind = 'phishing' THEN 'fraud'
        ELSE r.stated_taxonomy END AS taxonomy,
    r.role, r.proof, r.confidence, r.extra
FROM rows_of_all r
LEFT JOIN one who ON who.fact = 'identity' AND who.id = r.observer
ORDER BY r.line
