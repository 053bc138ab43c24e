-- The macros of this room.

-- Addresses that are used inside a house or a provider only: RFC 1918, RFC 6598 (CGNAT), RFC 4193 (ULA).
CREATE OR REPLACE MACRO is_private(address) AS
    address BETWEEN '00000000-0000-0000-0000-ffff0a000000'::UUID AND '00000000-0000-0000-0000-ffff0affffff'::UUID
    OR address BETWEEN '00000000-0000-0000-0000-ffffac100000'::UUID AND '00000000-0000-0000-0000-ffffac1fffff'::UUID
    OR address BETWEEN '00000000-0000-0000-0000-ffffc0a80000'::UUID AND '00000000-0000-0000-0000-ffffc0a8ffff'::UUID
    OR address BETWEEN '00000000-0000-0000-0000-ffff64400000'::UUID AND '00000000-0000-0000-0000-ffff647fffff'::UUID
    OR address BETWEEN 'fc000000-0000-0000-0000-000000000000'::UUID AND 'fdffffff-ffff-ffff-ffff-ffffffffffff'::UUID;

-- 169.254.0.0/16 (RFC 3927): it has no way out.
CREATE OR REPLACE MACRO is_link_local(address) AS
    address BETWEEN '00000000-0000-0000-0000-ffffa9fe0000'::UUID AND '00000000-0000-0000-0000-ffffa9feffff'::UUID;

-- Seconds since 1970, as text, to a moment; NULL outside 1970 to 2100 and for what is no plain number.
CREATE OR REPLACE MACRO moment_of_epoch(txt) AS
    make_timestamp(round((CASE WHEN TRY_CAST(txt AS DECIMAL(18, 6)) BETWEEN 0 AND 4102444800
        THEN TRY_CAST(txt AS DOUBLE) END) * 1000000)::BIGINT);

-- A count that is no less than zero; NULL where the text is none.
CREATE OR REPLACE MACRO count_of(txt) AS CASE WHEN TRY_CAST(txt AS BIGINT) >= 0 THEN TRY_CAST(txt AS BIGINT)::UBIGINT END;

-- Seconds, finite and no less than zero.
CREATE OR REPLACE MACRO seconds_of(txt) AS
    CASE WHEN TRY_CAST(txt AS DOUBLE) BETWEEN 0 AND 1e9 THEN TRY_CAST(txt AS DOUBLE) END;

-- A DNS name as it is compared: lower case, without the last dot, bounded.
CREATE OR REPLACE MACRO name_of(txt) AS lower(rtrim(bounded_text(txt, 255), '.'));

-- The /16 of IPv4 or the /32 of IPv6: who owns it is one party, roughly.
CREATE OR REPLACE MACRO neighbourhood_of(address) AS
    CASE WHEN address::VARCHAR LIKE '00000000-0000-0000-0000-ffff%' THEN network_of(address, 112)
    ELSE network_of(address, 32) END;

CREATE OR REPLACE MACRO address_text(address) AS CASE
    WHEN address::VARCHAR LIKE '00000000-0000-0000-0000-ffff%' THEN
        (('0x' || substr(address::VARCHAR, 29, 2))::INTEGER)::VARCHAR || '.' || (('0x' || substr(address::VARCHAR, 31, 2))::INTEGER)::VARCHAR
        || '.' || (('0x' || substr(address::VARCHAR, 33, 2))::INTEGER)::VARCHAR || '.' || (('0x' || substr(address::VARCHAR, 35, 2))::INTEGER)::VARCHAR
    ELSE address::VARCHAR END;

-- A sum of DOUBLE as the whole number that it is; beyond 2^53, which only a liar's counts reach, it stays there.
CREATE OR REPLACE MACRO whole(number) AS least(number, 9007199254740992)::UBIGINT;
