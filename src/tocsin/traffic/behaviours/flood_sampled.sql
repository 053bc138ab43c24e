-- Which host threw packets or connections at one address, where only a sample of its packets was seen?
-- In:  flows, own, $rate. Out: one row a (host, target, port, protocol), its worst minute.
-- As flood.sql; some collectors multiply their counts by the rate and some do not, so that packets are believed to be no more than
-- were counted, and 200 of them must have been in the sample: of fewer, the share that was answered says nothing.
WITH minutes AS (
    SELECT f.caller, f.called, f.called_port, f.protocol, date_trunc('minute', f."at") AS minute, count(*) AS flows,
        sum(f.packets_out / greatest(1, f.duration_s / 60)) AS packets, sum(f.packets_in) AS packets_in, sum(f.packets_out) AS packets_out
    FROM flows f SEMI JOIN own ON own.address = f.caller
    WHERE NOT is_no_host(f.called) AND NOT is_private(f.called) AND coalesce(f.called_port, 0) <> 53
    GROUP BY f.caller, f.called, f.called_port, f.protocol, minute
)
SELECT caller AS host, called, called_port, protocol, 0.95 AS score, min(minute) AS first_at,
    max(minute) + INTERVAL 1 MINUTE AS last_at, sum(flows)::BIGINT AS rows, 1 AS peers, [called] AS examples,
    to_json({flows: sum(flows)::BIGINT, flows_a_minute: max(flows), packets_a_minute: max(packets)::BIGINT, port: called_port}) AS numbers
FROM minutes
WHERE packets_in <= 0.1 * packets_out AND (flows >= 1000 OR (packets >= 60000 AND packets_out >= 200 * $rate::UBIGINT))
GROUP BY caller, called, called_port, protocol
