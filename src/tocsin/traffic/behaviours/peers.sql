-- Which host keeps company with many strangers, little said and much unanswered, as the bots of a peer-to-peer net do?
-- In:  outward, lookups, bittorrent_ports (port). Out: one row a host.
-- Zhang et al. 2011: such a bot's peers are many, spread over networks, on ports of their own, never looked up; what passes is
-- small, and the same peers are called again. File sharing moves bulk, and its bootstrap names and ports are known.
WITH strangers AS (
    SELECT host, called, called_port, protocol, flows, answered, failed, bytes_out, bytes_in, first_at, last_at
    FROM outward
    -- What was seen from its beginning: a server that answers forged callers speaks to strangers too, and opened nothing.
    WHERE protocol IN ('tcp', 'udp') AND (answered > 0 OR failed > 0) AND name IS NULL AND NOT is_service_port AND NOT is_popular AND called_port >= 1024
),
counted AS (
    SELECT host, count(*) AS peers, count(DISTINCT neighbourhood_of(called)) AS neighbourhoods, count(DISTINCT called_port) AS ports,
        count(*) FILTER (answered = 0) AS silent, count(*) FILTER (flows >= 3) AS again, sum(flows) AS flows,
        sum(bytes_out) + sum(bytes_in) AS bytes, median(bytes_out + bytes_in) / greatest(1, median(flows)) AS bytes_a_flow,
        max(bytes_out + bytes_in) AS bulk, count(*) FILTER (called_port IN (SELECT port FROM bittorrent_ports)) AS torrent,
        min(first_at) AS first_at, max(last_at) AS last_at, list(called ORDER BY flows DESC, called)[:20] AS examples
    FROM strangers GROUP BY host
),
sharers AS (
    SELECT DISTINCT client FROM lookups
    WHERE regexp_matches(name, '(^|[.-])(bittorrent|utorrent|torrent|tracker|transmissionbt|opentrackr|libtorrent|vuze|aelitis)([.-]|$)')
)
SELECT host, NULL::UUID AS called, NULL::USMALLINT AS called_port, NULL::VARCHAR AS protocol,
    CASE WHEN again >= 20 AND again >= 0.1 * peers THEN 0.9 ELSE 0.6 END AS score,
    first_at, last_at, flows AS rows, peers, examples,
    to_json({peers: peers, neighbourhoods: neighbourhoods, ports: ports, silent: silent, again: again, bytes_a_flow: bytes_a_flow}) AS numbers
FROM counted
WHERE peers >= 50 AND neighbourhoods >= 30 AND ports >= 20 AND silent >= 0.2 * peers AND bytes_a_flow <= 5000
    AND bulk < 20000000 AND torrent < 0.03 * peers AND host NOT IN (SELECT client FROM sharers)
