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

-- The length of `ADDRESS/LENGTH` out of 128, 128 for a bare address; NULL where it is none.
CREATE OR REPLACE TEMP MACRO bits_of(txt) AS CASE
    WHEN NOT contains(txt, '/') THEN 128
    WHEN contains(txt, ':') AND whole_of(substr(txt, strpos(txt, '/') + 1)) <= 128 THEN whole_of(substr(txt, strpos(txt, '/') + 1))
    WHEN whole_of(substr(txt, strpos(txt, '/') + 1)) <= 32 THEN whole_of(substr(txt, strpos(txt, '/') + 1)) + 96 END;

-- A port of a range: 0 to 65535.
CREATE OR REPLACE TEMP MACRO range_port_of(txt) AS
    CASE WHEN regexp_full_match(txt, '[0-9]{1,5}') AND txt::UINTEGER <= 65535 THEN txt::USMALLINT END;

-- Octets in hexadecimal, however they are written, as `00:11:22:33:44:55`; NULL where it is none.
CREATE OR REPLACE TEMP MACRO hex_of(txt) AS CASE
    WHEN regexp_full_match(txt, '[0-9a-f]{2}(?::[0-9a-f]{2})*') THEN txt  -- nearly always, and a tenth of the work
    WHEN regexp_full_match(txt, '[0-9A-Fa-f]{1,2}(?:[:. -]?[0-9A-Fa-f]{1,2})*')
    THEN nullif(rtrim(regexp_replace(lower(
        CASE WHEN regexp_full_match(txt, '(?:[0-9A-Fa-f]{1,2}[:-])+[0-9A-Fa-f]{1,2}')
        THEN array_to_string(list_transform(regexp_split_to_array(txt, '[:-]'), lambda octet: lpad(octet, 2, '0')), '')
        ELSE regexp_replace(txt, '[^0-9A-Fa-f]', '', 'g') END), '(..)', '\1:', 'g'), ':'), '') END;

-- A hardware address of six octets, the same way.
CREATE OR REPLACE TEMP MACRO mac_of(txt) AS CASE
    WHEN regexp_full_match(txt, '(?:[0-9a-f]{2}:){5}[0-9a-f]{2}') THEN txt
    WHEN length(hex_of(txt)) = 17 THEN hex_of(txt) END;

-- What a clock showed: `2026-11-24 03:16:38[.123]`, `2026/11/24 …`, `2026 Nov 24 …`, or, in the year 2000 because the record
-- does not say which, syslog's `Nov 24 03:16:38` (RFC 3164 §4.1.2). NULL where the text is none of these.
CREATE OR REPLACE TEMP MACRO local_of(txt) AS CASE
    WHEN regexp_full_match(txt, '[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?')
    THEN TRY_CAST(left(translate(txt, '/T,', '- .'), 26) AS TIMESTAMP)
    WHEN regexp_full_match(txt, '[0-9]{4} [A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}')
    THEN try_strptime(regexp_replace(txt, ' +', ' ', 'g'), '%Y %b %d %H:%M:%S')
    WHEN regexp_full_match(txt, '[A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}')
    THEN try_strptime('2000 ' || regexp_replace(txt, ' +', ' ', 'g'), '%Y %b %d %H:%M:%S') END;

CREATE OR REPLACE TEMP MACRO is_v4(address) AS
    address BETWEEN '00000000-0000-0000-0000-ffff00000000'::UUID AND '00000000-0000-0000-0000-ffffffffffff'::UUID;

CREATE OR REPLACE TEMP MACRO power_of_two(bits) AS 1::UHUGEINT << (bits)::UHUGEINT;
