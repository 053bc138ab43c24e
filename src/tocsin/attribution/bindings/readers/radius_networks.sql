-- Question: which network does each text mean?
-- In: radius_named. Out: temporary table radius_networks, one row a text; `first` is NULL where it means none.
-- An address is a network of one. RFC 3162 §2.3, RFC 4818 §3: a prefix is ADDRESS/LENGTH, the bits past it are zero.
-- A prefix shorter than /32 is nobody's line. Ties: none.
CREATE OR REPLACE TEMP TABLE radius_networks AS
SELECT txt, CASE WHEN bits BETWEEN 32 AND 128 THEN network_of(address, bits) END AS network, bits::UTINYINT AS prefix_bits
FROM (
    SELECT txt, CASE WHEN contains(txt, '/') THEN address_of(split_part(txt, '/', 1)) ELSE address_of(txt) END AS address,
        CASE WHEN NOT contains(txt, '/') THEN 128
            WHEN contains(txt, ':') THEN least(whole_of(substr(txt, strpos(txt, '/') + 1)), 129) END AS bits
    FROM (SELECT DISTINCT txt FROM radius_named WHERE txt IS NOT NULL)
)
