-- Which flows are to be kept, and behind which sighting?
-- In:  behind (columns of traffic/behind.sql; `told` is the evidence's line), pieces, kept (the flows that are kept already), $sha256,
--      $sampled. Out: the columns of the lake's `flows`; a sighting that has flows already gets none.
SELECT p.sighting, b."at", b.caller, b.caller_port, b.called, b.called_port, b.protocol, b.service, b.state, b.duration_s, b.bytes_out,
    b.bytes_in, b.packets_out, b.packets_in, $sampled::UINTEGER AS sampled, b.file, b.line
FROM behind b JOIN pieces p ON p.evidence_line = b.told AND p.evidence_sha256 = $sha256
WHERE p.sighting NOT IN (SELECT sighting FROM kept)
