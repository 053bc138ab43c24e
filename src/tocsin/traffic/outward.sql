-- What did each of our hosts do towards addresses outside?
-- In:  flows, own, inside, named (address, name, is_lent), popular (address), service_ports (port), keepalive_ports (port).
-- Out: one row a (host, called, port, protocol): how often, how it ended, how much, and what is known of the peer.
-- Nearly every behaviour is asked of this one pass. Sums are DOUBLE, half as wide as HUGEINT and without overflow, and exact to 2^53.
WITH dealings AS (
    SELECT caller AS host, called, called_port, protocol, count(*) AS flows,
        count(*) FILTER (state = 'established') AS answered, count(*) FILTER (state IN ('unanswered', 'refused')) AS failed,
        sum(bytes_out::DOUBLE) AS bytes_out, sum(bytes_in::DOUBLE) AS bytes_in,
        sum(packets_out::DOUBLE) AS packets_out, sum(packets_in::DOUBLE) AS packets_in,
        sum(duration_s) AS duration_s, min("at") AS first_at, max("at") AS last_at, min(service) AS service
    FROM flows SEMI JOIN own ON own.address = flows.caller
    GROUP BY caller, called, called_port, protocol
)
SELECT d.host, d.called, d.called_port, d.protocol, d.flows, d.answered, d.failed,
    whole(d.bytes_out) AS bytes_out, whole(d.bytes_in) AS bytes_in, whole(d.packets_out) AS packets_out, whole(d.packets_in) AS packets_in,
    d.duration_s, d.first_at, d.last_at, d.service, n.name, coalesce(n.is_lent, false) AS is_lent,
    sp.port IS NOT NULL AS is_service_port, kp.port IS NOT NULL AS is_keepalive, p.address IS NOT NULL AS is_popular
FROM dealings d
ANTI JOIN inside i ON i.address = d.called
LEFT JOIN named n ON n.address = d.called
LEFT JOIN popular p ON p.address = d.called
LEFT JOIN service_ports sp ON sp.port = d.called_port
LEFT JOIN keepalive_ports kp ON kp.port = d.called_port
WHERE NOT is_no_host(d.called) AND NOT is_link_local(d.called)
