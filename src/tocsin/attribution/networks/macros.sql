-- The macros that the readers of prefix tables share.

-- Text to AS number (RFC 6793), NULL where it is none.
CREATE OR REPLACE MACRO asn_of(txt) AS
    CASE WHEN regexp_full_match(txt, '(?:AS|as)?[0-9]{1,10}') AND ltrim(txt, 'ASas')::UBIGINT <= 4294967295
    THEN ltrim(txt, 'ASas')::UINTEGER END;

-- AS numbers that nobody announces prefixes with in public: 0 (RFC 7607), AS_TRANS (RFC 6793), private ones (RFC 6996),
-- the last of either size (RFC 7300). A table that names one has seen a leak.
CREATE OR REPLACE MACRO is_private_asn(asn) AS
    asn = 0 OR asn = 23456 OR asn BETWEEN 64512 AND 65535 OR asn >= 4200000000;

-- Text to country (two letters), NULL where it is none; ZZ and XX are nobody's.
CREATE OR REPLACE MACRO country_of(txt) AS
    CASE WHEN regexp_full_match(txt, '[A-Za-z]{2}') AND upper(txt) NOT IN ('ZZ', 'XX') THEN upper(txt) END;

CREATE OR REPLACE MACRO is_v4(address) AS
    address BETWEEN '00000000-0000-0000-0000-ffff00000000'::UUID AND '00000000-0000-0000-0000-ffffffffffff'::UUID;

-- Text to prefix length out of 128, NULL where it is none for that family.
CREATE OR REPLACE MACRO bits_of_length(txt, is_four) AS
    CASE WHEN regexp_full_match(txt, '[0-9]{1,3}') AND txt::USMALLINT <= CASE WHEN is_four THEN 32 ELSE 128 END
    THEN (txt::USMALLINT + CASE WHEN is_four THEN 96 ELSE 0 END)::UTINYINT END;

-- The last address of a network.
CREATE OR REPLACE MACRO last_of(network, bits) AS
    CASE WHEN bits = 128 THEN network WHEN bits = 0 THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'::UUID
    ELSE (network::UHUGEINT | ((1::UHUGEINT << (128 - bits)::UHUGEINT) - 1::UHUGEINT))::UUID END;

-- Why first..last is no range of addresses, NULL where it is one.
CREATE OR REPLACE MACRO range_fault(first, last) AS CASE
    WHEN first IS NULL THEN 'not an address where the range starts'
    WHEN last IS NULL THEN 'not an address where the range ends'
    WHEN is_v4(first) <> is_v4(last) THEN 'the range ends in another family'
    WHEN first > last THEN 'the range ends before it starts'
    END;

-- Why a first address and a length are no prefix, NULL where they are one.
CREATE OR REPLACE MACRO prefix_fault(first, bits) AS CASE
    WHEN first IS NULL THEN 'not an address'
    WHEN bits IS NULL THEN 'not a prefix length'
    WHEN network_of(first, bits) <> first THEN 'bits set past the prefix length'
    END;

-- An ordinary ASCII mail address, just as subscribers.is_mail_address has it.
CREATE OR REPLACE MACRO is_mail(txt) AS length(txt) BETWEEN 3 AND 254 AND strpos(txt, '@') <= 65 AND regexp_full_match(txt,
    '[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*@'
    || '(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?');
