-- Which flows does a sighting rest on?
-- In:  flows (of the lake), $sighting. Out: one row a flow, in the order of time.
SELECT "at", caller, caller_port, called, called_port, protocol, service, state, duration_s, bytes_out, bytes_in, packets_out, packets_in,
    sampled, file, line
FROM flows WHERE sighting = $sighting ORDER BY "at", file, line, caller_port
