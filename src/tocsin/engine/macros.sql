-- The macros that every query of the house may use.

-- Exactly what inet_pton takes of IPv4: four decimal numbers, no leading zero. A cast would take `1e1` and ` 1`.
CREATE OR REPLACE MACRO is_ipv4(txt) AS regexp_full_match(
    txt, '(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])');

-- The lambda names the four parts once: within a CASE each mention of string_split would split again.
CREATE OR REPLACE MACRO ipv4_number(txt) AS
    list_transform([string_split(txt, '.')], lambda parts: parts[1]::UBIGINT * 16777216 + parts[2]::UBIGINT * 65536
        + parts[3]::UBIGINT * 256 + parts[4]::UBIGINT)[1];

-- `::ffff:192.0.2.1` to `::ffff:c000:201`; a last part that is no IPv4 stays as it is and fails below.
CREATE OR REPLACE MACRO ipv6_hex_tail(txt) AS CASE
    WHEN NOT contains(txt, '.') THEN txt
    WHEN is_ipv4(regexp_extract(txt, '[^:]*$')) THEN regexp_replace(txt, '[^:]*$', '')
        || printf('%x', ipv4_number(regexp_extract(txt, '[^:]*$')) // 65536) || ':'
        || printf('%x', ipv4_number(regexp_extract(txt, '[^:]*$')) % 65536)
    ELSE txt END;

CREATE OR REPLACE MACRO ipv6_groups(part) AS
    array_to_string(list_transform(string_split(part, ':'), lambda g: lpad(g, 4, '0')), '');

-- `part` is one side of `::`, '' when nothing stands there.
CREATE OR REPLACE MACRO ipv6_side(part) AS CASE WHEN part = '' THEN '' ELSE ipv6_groups(part) END;

CREATE OR REPLACE MACRO ipv6_of(txt) AS CASE
    WHEN regexp_full_match(txt, '(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}') THEN ipv6_groups(txt)::UUID
    WHEN regexp_full_match(txt, '(?:(?:[0-9a-f]{1,4}:){0,6}[0-9a-f]{1,4})?::(?:(?:[0-9a-f]{1,4}:){0,6}[0-9a-f]{1,4})?')
        AND length(ipv6_side(split_part(txt, '::', 1)) || ipv6_side(split_part(txt, '::', 2))) <= 28
    THEN (rpad(ipv6_side(split_part(txt, '::', 1)), (32 - length(ipv6_side(split_part(txt, '::', 2))))::INTEGER, '0')
        || ipv6_side(split_part(txt, '::', 2)))::UUID
    END;

-- Text to address (IPv4 as ::ffff:a.b.c.d), NULL where inet_pton would refuse.
CREATE OR REPLACE MACRO address_of(txt) AS CASE
    WHEN is_ipv4(txt) THEN (281470681743360::UBIGINT + ipv4_number(txt))::UHUGEINT::UUID
    -- The lambda names the value once: nested macros would repeat its text, and planning would take 0.1 s.
    WHEN contains(txt, ':') AND length(txt) <= 45
    THEN list_transform([ipv6_hex_tail(lower(txt))], lambda whole: ipv6_of(whole))[1]
    END;

-- The first address of the network of that length (out of 128).
CREATE OR REPLACE MACRO network_of(address, bits) AS
    CASE WHEN bits = 128 THEN address WHEN bits = 0 THEN '00000000-0000-0000-0000-000000000000'::UUID
    ELSE ((address::UHUGEINT >> (128 - bits)::UHUGEINT) << (128 - bits)::UHUGEINT)::UUID END;

-- Text to port: 1 to 65535 without sign or leading zero; everything else, and 0, is NULL (port 0 in a feed means absent).
CREATE OR REPLACE MACRO port_of(txt) AS
    CASE WHEN regexp_full_match(txt, '[1-9][0-9]{0,4}') AND txt::UINTEGER <= 65535 THEN txt::USMALLINT END;

-- The smallest n for which 2^n is no less than the number of ports.
CREATE OR REPLACE MACRO range_level(port_first, port_last) AS
    CASE WHEN port_last > port_first THEN 1 + floor(log2(port_last - port_first))::INTEGER ELSE 0 END;

-- `2021-03-04 00:00:00`, `…T…`, with or without fraction, with Z or an offset; without a zone it is taken as UTC.
-- NULL where the text is anything else (a cast would take a bare date, an epoch, or BC).
CREATE OR REPLACE MACRO moment_of(txt) AS CASE
    WHEN length(txt) = 19 AND regexp_full_match(txt, '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}')
    THEN TRY_CAST(txt AS TIMESTAMP)  -- the common form, without the work that the others need
    WHEN regexp_full_match(txt, '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|\+00:00| UTC)?')
    THEN TRY_CAST(replace(left(regexp_replace(txt, '(?:Z|\+00:00| UTC)$', ''), 26), 'T', ' ') AS TIMESTAMP)
    WHEN regexp_full_match(txt, '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?[+-][0-9]{2}:?[0-9]{2}')
    THEN TRY_CAST(replace(left(regexp_extract(txt, '^(.*?)[+-][0-9]{2}:?[0-9]{2}$', 1), 26), 'T', ' ') AS TIMESTAMP)
        - to_seconds((CASE WHEN regexp_extract(txt, '([+-])[0-9]{2}:?[0-9]{2}$', 1) = '-' THEN -60 ELSE 60 END)
            * (TRY_CAST(regexp_extract(txt, '[+-]([0-9]{2}):?[0-9]{2}$', 1) AS INTEGER) * 60
               + TRY_CAST(regexp_extract(txt, '[+-][0-9]{2}:?([0-9]{2})$', 1) AS INTEGER)))
    END;

-- One part of an identity, with its length before it so that no two lists of parts read alike; '-' is absent.
CREATE OR REPLACE MACRO id_part(txt) AS coalesce(length(txt) || ':' || txt, '-');

-- A sighting's identity: 128 bits of SHA-256 over its eight parts. terms/identity.py says the same in Python.
-- One concat, not a chain of ||, which would copy the text at each step; source, kind, moment and address are never absent,
-- and a UUID's text has 36 characters.
CREATE OR REPLACE MACRO sighting_id(source, kind, malware, seen_at, address, port, protocol, peer) AS
    substr(sha256(concat(length(source), ':', source, length(kind), ':', kind, id_part(malware),
        CASE WHEN epoch_us(seen_at) BETWEEN 1000000000000000 AND 9999999999999999 THEN '16:'  -- 2001 to 2286
            ELSE length(epoch_us(seen_at)::VARCHAR) || ':' END, epoch_us(seen_at), '36:', address,
        id_part(port::VARCHAR), id_part(protocol), coalesce('36:' || peer, '-'))), 1, 32)::UUID;

-- Text to transport protocol (IANA protocol numbers: names, and the numbers of the common ones); NULL where it is none.
CREATE OR REPLACE MACRO transport_of(txt) AS CASE
    WHEN txt = 'tcp' OR txt = 'udp' THEN txt  -- an IN of constants would be planned as a join
    WHEN list_contains(['tcp', 'udp', 'icmp', 'igmp', 'sctp', 'dccp', 'gre', 'esp', 'ah', 'ipip', 'ipv6-icmp', 'udplite'],
        lower(txt)) THEN lower(txt)
    WHEN list_contains(['icmp6', 'icmpv6', '58'], lower(txt)) THEN 'ipv6-icmp'
    WHEN txt = '1' THEN 'icmp' WHEN txt = '6' THEN 'tcp' WHEN txt = '17' THEN 'udp' WHEN txt = '132' THEN 'sctp'
    END;

-- Addresses that no host on the net has: 0.0.0.0/8, loopback, multicast and above, the unspecified one, link-local.
CREATE OR REPLACE MACRO is_no_host(address) AS
    address BETWEEN '00000000-0000-0000-0000-ffff00000000'::UUID AND '00000000-0000-0000-0000-ffff00ffffff'::UUID
    OR address BETWEEN '00000000-0000-0000-0000-ffff7f000000'::UUID AND '00000000-0000-0000-0000-ffff7fffffff'::UUID
    OR address BETWEEN '00000000-0000-0000-0000-ffffe0000000'::UUID AND '00000000-0000-0000-0000-ffffffffffff'::UUID
    OR address <= '00000000-0000-0000-0000-000000000001'::UUID
    OR address BETWEEN 'fe800000-0000-0000-0000-000000000000'::UUID AND 'febfffff-ffff-ffff-ffff-ffffffffffff'::UUID
    OR address >= 'ff000000-0000-0000-0000-000000000000'::UUID;

-- Text from outside, fit to be kept and shown: trimmed, control characters as blanks, at most `most` characters; '' is NULL.
CREATE OR REPLACE MACRO bounded_text(txt, most) AS CASE
    WHEN length(txt) <= most AND regexp_full_match(txt, '[!-~](?:[ -~]*[!-~])?') THEN txt  -- nearly always
    WHEN txt <> '' THEN
    nullif(left(trim(regexp_replace(txt, '[\x00-\x1f\x7f-\x{9f}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}]', ' ', 'g')), most), '') END;

-- A reject's reason with the value that was seen.
CREATE OR REPLACE MACRO what(reason, seen) AS
    reason || CASE WHEN coalesce(seen, '') = '' THEN ': nothing there'
        ELSE ': ' || coalesce(bounded_text(left(seen, 100), 60), 'blanks and control characters') END;
