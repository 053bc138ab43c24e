-- Which device spoke to that address, or from that port, around that moment?
-- In:  flows, devices, $peer (or NULL), $peer_port (or NULL), $port (or NULL), $starts, $ends. A flow counts while it lasts.
-- Out: one row a device: flows to the peer then, flows to the peer ever, flows from the port then.
SELECT d.device,
    count(*) FILTER (WHERE is_peer AND is_then) AS peer_then,
    count(*) FILTER (WHERE is_peer) AS peer_ever,
    count(*) FILTER (WHERE is_port AND is_then) AS port_then,
    count(*) FILTER (WHERE is_then) AS flows_then
FROM (
    SELECT caller AS address,
        coalesce(called = $peer::UUID AND ($peer_port IS NULL OR called_port = $peer_port), false) AS is_peer,
        coalesce(caller_port = $port, false) AS is_port,
        "at" <= $ends::TIMESTAMP AND "at" + to_milliseconds((coalesce(duration_s, 0) * 1000)::BIGINT) >= $starts::TIMESTAMP AS is_then
    FROM flows
) JOIN devices d USING (address)
GROUP BY d.device ORDER BY d.device
