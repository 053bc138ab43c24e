-- Which host threw packets or connections at one address, without a conversation?
-- In:  flows, outward, inward. Out: one row a (host, target, port, protocol), its worst minute.
-- 1,000 connections or 60,000 packets a minute with hardly an answer is no use that a person makes of a line. Packets of one long
-- flow are a stream or a measurement where the two also talk: a call over TCP that was answered, or more than one packet in fifty back.
WITH all_contacts AS (
    SELECT host, called, called_port, protocol, flows, packets_out, packets_in FROM outward
    UNION ALL SELECT host, called, called_port, protocol, flows, packets_out, packets_in FROM inward WHERE NOT is_private(called)
),
loud AS (
    SELECT host, called, called_port, protocol, flows, packets_out, packets_in FROM all_contacts
    WHERE (flows >= 1000 OR packets_out >= 60000) AND packets_in <= 0.1 * packets_out AND coalesce(called_port, 0) <> 53
),
talks AS (
    SELECT DISTINCT host, called FROM outward SEMI JOIN loud USING (host, called)
    WHERE protocol = 'tcp' AND answered > 0 AND packets_in > 0.1 * packets_out
),
candidates AS (
    SELECT l.host, l.called, l.called_port, l.protocol FROM loud l LEFT JOIN talks t ON t.host = l.host AND t.called = l.called
    WHERE l.flows >= 1000 OR (l.packets_in <= 0.02 * l.packets_out AND t.host IS NULL)
),
minutes AS (
    SELECT f.caller, f.called, f.called_port, f.protocol, date_trunc('minute', f."at") AS minute, count(*) AS flows,
        sum(f.packets_out / greatest(1, f.duration_s / 60)) AS packets, sum(f.packets_in) AS packets_in
    FROM flows f JOIN candidates c ON f.caller = c.host AND f.called = c.called AND f.protocol = c.protocol
        AND f.called_port IS NOT DISTINCT FROM c.called_port
    GROUP BY f.caller, f.called, f.called_port, f.protocol, minute
)
SELECT caller AS host, called, called_port, protocol, 0.95 AS score, min(minute) AS first_at,
    max(minute) + INTERVAL 1 MINUTE AS last_at, sum(flows)::BIGINT AS rows, 1 AS peers, [called] AS examples,
    to_json({flows: sum(flows)::BIGINT, flows_a_minute: max(flows), packets_a_minute: max(packets)::BIGINT, port: called_port}) AS numbers
FROM minutes WHERE flows >= 1000 OR packets >= 60000
GROUP BY caller, called, called_port, protocol
