-- On which flows does what is told of a host rest?
-- In:  wanted (told, host, called, called_port, protocol, first_at, last_at: what is told, by its number), all_flows,
--      file_names (file, name), $most.
-- Out: one row a (told, flow), the first $most of each in the order of time; ties by file and line.
WITH met AS (
    SELECT DISTINCT w.told, f."at", f.caller, f.caller_port, f.called, f.called_port, f.protocol, f.service, f.state, f.duration_s,
        f.bytes_out, f.bytes_in, f.packets_out, f.packets_in, f.file, f.line
    FROM all_flows f JOIN wanted w ON f.caller = w.host
    WHERE f."at" BETWEEN w.first_at AND w.last_at AND (w.called IS NULL OR f.called = w.called)
        AND (w.called_port IS NULL OR f.called_port = w.called_port) AND (w.protocol IS NULL OR f.protocol = w.protocol)
)
SELECT told, "at", caller, caller_port, called, called_port, protocol, service, state, duration_s, bytes_out, bytes_in, packets_out,
    packets_in, name AS file, line
FROM met JOIN file_names USING (file)
QUALIFY row_number() OVER (PARTITION BY told ORDER BY "at", file, line, caller_port) <= $most
