-- The macros of the DHCP readers.

-- The octets of a text as ISC dhcpd and FreeRADIUS write it, `\ooo` for what cannot be printed, as `00:11:22`.
CREATE OR REPLACE TEMP MACRO octets_of(txt) AS
    array_to_string(list_transform(regexp_extract_all(txt, '(?s)\\[0-7]{3}|\\.|.'), lambda one: CASE
        WHEN length(one) = 4
        THEN printf('%02x', ((ascii(one[2]) - 48) * 64 + (ascii(one[3]) - 48) * 8 + ascii(one[4]) - 48) % 256)
        WHEN length(one) = 2 THEN lower(hex(encode(one[2]))) ELSE printf('%02x', ascii(one)) END), ':');

-- An identifier, in quotes or as octets in hexadecimal, as `00:11:22`; NULL where it is neither.
CREATE OR REPLACE TEMP MACRO identifier_of(txt) AS CASE
    WHEN length(txt) > 2000 THEN NULL
    WHEN starts_with(txt, '"') THEN octets_of(txt[2:-2])
    ELSE hex_of(txt) END;

-- Octets as text where all of them can be printed, for such is what people wrote into the access node; else as they are.
CREATE OR REPLACE TEMP MACRO shown_of(octets) AS CASE
    WHEN regexp_full_match(octets || ':', '(?:(?:[2-6][0-9a-f]|7[0-9a-e]):)+') THEN decode(unhex(replace(octets, ':', '')))
    ELSE octets END;

-- The octets of the first sub-option of relay agent information (RFC 3046 §2.0: a code, a length, octets), and what follows.
CREATE OR REPLACE TEMP MACRO first_suboption_of(digits) AS digits[5:4 + 2 * TRY_CAST('0x' || digits[3:4] AS INTEGER)];
CREATE OR REPLACE TEMP MACRO next_suboptions_of(digits) AS digits[5 + 2 * TRY_CAST('0x' || digits[3:4] AS INTEGER):];

-- The sub-option with that code, where it is one of the first two: circuit (01) and remote (02) are.
CREATE OR REPLACE TEMP MACRO suboption_of(digits, code) AS CASE
    WHEN digits[1:2] = code THEN first_suboption_of(digits)
    WHEN next_suboptions_of(digits)[1:2] = code THEN first_suboption_of(next_suboptions_of(digits)) END;

-- The field under that name of a header; NULL where the header has none.
CREATE OR REPLACE TEMP MACRO kea_field(fields, header, name) AS fields[list_position(string_split(header, ','), name)];

-- Kea writes a comma in a field as `&#x2c`.
CREATE OR REPLACE TEMP MACRO kea_unescaped(txt) AS replace(txt, '&#x2c', ',');

-- A moment of ISC dhcpd: `2 2026/11/24 12:00:00` in UTC, `epoch 1795521600` (db-time-format local), `never`.
CREATE OR REPLACE TEMP MACRO dhcpd_moment_of(txt) AS CASE
    WHEN regexp_full_match(txt, '[0-6] [0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}')
    THEN TRY_CAST(replace(txt[3:], '/', '-') AS TIMESTAMP)
    WHEN regexp_full_match(txt, 'epoch [0-9]{1,10}') THEN make_timestamp(txt[7:]::BIGINT * 1000000)
    WHEN txt = 'never' THEN TIMESTAMP '9999-12-31 00:00:00' END;
