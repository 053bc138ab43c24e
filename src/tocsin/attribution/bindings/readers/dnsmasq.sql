-- Question: what does each line of dnsmasq's lease file say?
-- In: log_lines (line, text); $lease_s, how long a lease lasts by dnsmasq's configuration, or NULL. Out: one row a line, some of
-- the columns of RECORDS. A line says when a lease will end and not when it was given: that is its end less its length.
-- After `duid …`, the server's own, the lines are of DHCPv6: the IA's id in place of the hardware address. Ties: none.
WITH split AS (SELECT line, text, string_split(text, ' ') AS fields FROM log_lines),
said AS (
    SELECT line, text, len(fields) AS found, starts_with(text, 'duid ') AS is_heading, contains(fields[3], ':') AS is_v6,
        CASE WHEN regexp_full_match(fields[1], '[0-9]{1,10}') THEN fields[1]::BIGINT END AS ends_s, $lease_s::BIGINT AS lease_s,
        fields[2] AS hardware, fields[3] AS address, fields[4] AS hostname, fields[5] AS client
    FROM split
)
SELECT line, CASE WHEN is_heading THEN '' ELSE 'lease' END AS status,
    make_timestamp((ends_s - lease_s) * 1000000) AS moment, make_timestamp(ends_s * 1000000) AS until,
    address AS network, CASE WHEN NOT is_v6 THEN regexp_replace(hardware, '^[0-9A-Fa-f]{2}-', '') END AS mac,
    CASE WHEN is_v6 THEN client END AS duid, CASE WHEN NOT is_v6 AND client <> '*' THEN hex_of(client) END AS client_id,
    nullif(hostname, '*') AS hostname,
    CASE WHEN is_heading THEN NULL
        WHEN found NOT BETWEEN 4 AND 5 OR ends_s IS NULL THEN 'not a line of dnsmasq''s lease file'
        WHEN ends_s = 0 THEN 'a lease without end does not say since when: give it to a `static` log'
        WHEN lease_s IS NULL THEN 'the line does not say when the lease was given: let the log''s `lease_s` say how long leases last'
        WHEN ends_s < lease_s THEN 'a lease that ends before it starts'
        END AS reject,
    text AS excerpt
FROM said
