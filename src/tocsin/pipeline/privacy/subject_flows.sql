-- On which flows does what was seen of one subscriber rest?
--
-- in   flows (view), subject_sightings (table)
-- out  one row a flow
-- ties by file and line

SELECT f.sighting, f."at", f.caller, f.caller_port, f.called, f.called_port, f.protocol, f.service, f.state, f.duration_s,
    f.bytes_out, f.bytes_in, f.packets_out, f.packets_in, f.sampled, f.file, f.line
FROM flows f
JOIN subject_sightings s ON s.id = f.sighting
ORDER BY f."at", f.file, f.line, f.caller_port
