-- What did each of our hosts do towards others inside?
-- In:  flows, own, inside. Out: one row a (host, called, port, protocol): the columns of outward.sql without what is known of the peer.
SELECT caller AS host, called, called_port, protocol, count(*) AS flows,
    count(*) FILTER (state = 'established') AS answered, count(*) FILTER (state IN ('unanswered', 'refused')) AS failed,
    whole(sum(bytes_out::DOUBLE)) AS bytes_out, whole(sum(bytes_in::DOUBLE)) AS bytes_in,
    whole(sum(packets_out::DOUBLE)) AS packets_out, whole(sum(packets_in::DOUBLE)) AS packets_in,
    min("at") AS first_at, max("at") AS last_at, min(service) AS service
FROM flows SEMI JOIN inside ON inside.address = flows.called SEMI JOIN own ON own.address = flows.caller
GROUP BY caller, called, called_port, protocol
