-- What did each of our hosts do towards others inside?
-- In:  contacts, own. Out: one row a contact of an own host with a private address or another own host.
SELECT c.caller AS host, c.called, c.called_port, c.protocol, c.flows, c.answered, c.failed, c.bytes_out, c.bytes_in,
    c.packets_out, c.packets_in, c.service, c.first_at, c.last_at
FROM contacts c SEMI JOIN own ON own.address = c.caller
WHERE NOT is_no_host(c.called) AND NOT is_link_local(c.called)
    AND (is_private(c.called) OR c.called IN (SELECT address FROM own))
