-- The macros of this room.

-- A line's identity from one identifier: 64 bits of SHA-256. `kind` is circuit, port or station; a port is named by its
-- access server only, so `nas` goes in with it. The same port name on two servers is two lines.
CREATE OR REPLACE TEMP MACRO line_of(kind, nas, txt) AS
    ('0x' || substr(sha256(concat_ws(chr(10), kind, CASE WHEN kind = 'port' THEN nas END,
        CASE WHEN kind = 'station' THEN lower(regexp_replace(txt, '[^0-9A-Za-z]', '', 'g')) ELSE txt END)), 1, 16))::UBIGINT;

-- Digits to a number; NULL for anything else. RADIUS integers have 32 bits (RFC 2865 §5).
CREATE OR REPLACE TEMP MACRO whole_of(txt) AS
    CASE WHEN regexp_full_match(txt, '[0-9]{1,10}') THEN txt::UBIGINT END;

-- An Event-Timestamp that says its zone without doubt: an epoch, UTC, GMT, Z or a numeric offset. Else NULL.
-- FreeRADIUS 3 writes `Jun  9 2015 00:03:47 CEST`, FreeRADIUS 4 writes RFC 3339.
CREATE OR REPLACE TEMP MACRO event_moment_of(txt) AS CASE
    WHEN regexp_full_match(txt, '[0-9]{1,10}') THEN make_timestamp(txt::BIGINT * 1000000)
    WHEN regexp_full_match(txt, '[0-9]{4}-.*(?:Z|[+-][0-9]{2}:?[0-9]{2}| UTC)') THEN moment_of(txt)
    WHEN regexp_full_match(txt, '[A-Z][a-z]{2} .* (?:UTC|GMT|Z)')
    THEN try_strptime(regexp_replace(txt, ' [A-Z]+$', ''), '%b %d %Y %H:%M:%S')
    WHEN regexp_full_match(txt, '[A-Z][a-z]{2} .* [+-][0-9]{2}:?[0-9]{2}')
    THEN moment_of(strftime(try_strptime(regexp_replace(txt, ' [^ ]+$', ''), '%b %d %Y %H:%M:%S'), '%Y-%m-%d %H:%M:%S')
        || regexp_extract(txt, '[^ ]+$'))
    END;

-- The same text read as if its zone's name were UTC: right to within the 14 hours that zones differ.
CREATE OR REPLACE TEMP MACRO named_moment_of(txt) AS
    CASE WHEN regexp_full_match(txt, '[A-Z][a-z]{2} .* [A-Za-z]+')
    THEN try_strptime(regexp_replace(txt, ' [A-Za-z]+$', ''), '%b %d %Y %H:%M:%S') END;

-- One part of a binding's identity is in the engine's macro id_part.
CREATE OR REPLACE TEMP MACRO binding_of(log, nas, session, network, bits, account, starts_at) AS
    substr(sha256(id_part(log) || id_part(nas) || id_part(session) || id_part(network::VARCHAR) || id_part(bits::VARCHAR)
        || id_part(account::VARCHAR) || id_part(epoch_us(starts_at)::VARCHAR)), 1, 32)::UUID;
