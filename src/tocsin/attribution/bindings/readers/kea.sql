-- Question: what does each row of Kea's lease file (memfile, CSV) say of a lease?
-- In: log_lines (line, text); $header names the columns, which differ by version. Out: one row a line, some of the columns
-- of RECORDS. The file is a journal: each change of a lease appends its whole row.
-- A lease runs from its client's last transaction, expire less valid_lifetime, to expire. A lease that was given back or
-- deleted has a row with the lifetime 0, whose expire is that transaction again and not the moment at which it was deleted.
-- It was after everything that the journal said before: the latest transaction so far, and a second after the client's own.
-- Ties: none.
WITH split AS (
    SELECT line, text, string_split(text, ',') AS fields, len(string_split($header, ',')) AS names FROM log_lines
),
named AS (
    SELECT line, text, len(fields) AS found, names,
        kea_field(fields, $header, 'address') AS address, kea_field(fields, $header, 'hwaddr') AS hwaddr,
        kea_field(fields, $header, 'duid') AS duid, kea_field(fields, $header, 'client_id') AS client_id,
        whole_of(kea_field(fields, $header, 'valid_lifetime')) AS lifetime_s,
        whole_of(kea_field(fields, $header, 'expire')) AS expire_s,
        coalesce(kea_field(fields, $header, 'state'), '0') AS state,
        coalesce(kea_field(fields, $header, 'lease_type'), '0') AS lease_type,
        kea_field(fields, $header, 'prefix_len') AS prefix_length, kea_field(fields, $header, 'hostname') AS hostname,
        nullif(kea_field(fields, $header, 'user_context'), '') AS context
    FROM split
),
dated AS (
    SELECT *, CASE WHEN expire_s >= lifetime_s THEN expire_s - lifetime_s END AS told_s FROM named
),
journal AS (
    SELECT *, max(told_s) OVER (ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest_s,
        replace(context, '&#x2c', ',') AS relay
    FROM dated
),
relayed AS (
    -- The versions differ: `"relay-agent-info": "0x…"`, the same under `sub-options`, and the parts by name.
    SELECT *, CASE WHEN relay IS NOT NULL THEN lower(
            regexp_extract(relay, '"(?:relay-agent-info|sub-options)" *: *"0x([0-9A-Fa-f]+)"', 1)) END AS suboptions,
        CASE WHEN relay IS NOT NULL THEN nullif(
            regexp_extract(relay, '"(?:circuit-id|interface-id)" *: *"(?:0x)?([0-9A-Fa-f]+)"', 1), '') END AS circuit,
        CASE WHEN relay IS NOT NULL THEN nullif(regexp_extract(relay, '"remote-id" *: *"(?:0x)?([0-9A-Fa-f]+)"', 1), '') END AS remote
    FROM journal
)
SELECT line, CASE WHEN text = $header THEN '' WHEN state = '0' AND lifetime_s > 0 THEN 'lease' ELSE 'release' END AS status,
    CASE WHEN state = '0' AND lifetime_s > 0 THEN make_timestamp(told_s::BIGINT * 1000000)
        WHEN state = '2' AND lifetime_s > 0 THEN make_timestamp(expire_s::BIGINT * 1000000)
        -- Declined: Kea noted the moment, and forgot the client. It may be the second in which the lease was given.
        WHEN state = '1' THEN make_timestamp(told_s::BIGINT * 1000000) + INTERVAL 1 SECOND
        -- In the second of its own lease the end would be taken for that of the lease before.
        ELSE make_timestamp(greatest(latest_s, told_s + 1)::BIGINT * 1000000) END AS moment,
    hwaddr AS mac, duid, hex_of(client_id) AS client_id, kea_unescaped(hostname) AS hostname,
    CASE WHEN lease_type = '2' THEN concat(address, '/', prefix_length) ELSE address END AS network,
    shown_of(hex_of(coalesce(circuit, suboption_of(suboptions, '01')))) AS circuit_id,
    shown_of(hex_of(coalesce(remote, suboption_of(suboptions, '02')))) AS remote_id,
    make_timestamp(expire_s::BIGINT * 1000000) AS until,
    CASE WHEN text = $header THEN NULL
        WHEN found <> names THEN concat(found, ' fields where the header has ', names)
        WHEN told_s IS NULL THEN 'not a valid_lifetime and an expire that fit'
        WHEN state NOT IN ('0', '1', '2', '3') THEN what('not a state of a lease', state)
        END AS reject,
    left(text, 200) AS excerpt
FROM relayed
