-- Question: what does each line of Kea's legal log (libdhcp_legal_log) say of a lease?
-- In: log_lines (line, text). Out: one row a line, some of the columns of RECORDS.
-- A client chooses the text that Kea shows in brackets after its client-id, and might write "circuit-id: …" there. It has
-- one character for each octet before it, so it is cut out by its length before the relay's words are looked for.
-- A printed circuit-id is the access node's. DHCPv6 says interface-id where DHCPv4 says circuit-id. Ties: none.
WITH split AS (
    SELECT line, text, CASE
        WHEN contains(text, ' has been ') THEN regexp_extract(text,
            '^(?:([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,15}) ?([A-Za-z]{1,6}|[+-][0-9]{2}:?[0-9]{2})? )?(?:Address|Prefix): ?([0-9A-Fa-f.:/]+) has been ([a-z]+)(?: for ([a-z0-9 ]+?))?(?: (?:to|from|by) a device with (.*))?$',
            ['local_at', 'zone', 'network', 'verb', 'lifetime', 'device'])
        ELSE regexp_extract(text,
            '^(?:([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,15}) ?([A-Za-z]{1,6}|[+-][0-9]{2}:?[0-9]{2})? )?(?:Administrator|HA partner) (?:([a-z]+) (?:a lease of|information on the lease of|the lease for) (?:address|prefix): ?([0-9A-Fa-f.:/]+)(?: to a device with (.*?))?(?: for ([a-z0-9 ]+))?|deleted a lease for a device identified by: .*)$',
            ['local_at', 'zone', 'verb', 'network', 'device', 'lifetime']) END AS said
    FROM log_lines
),
device AS (
    SELECT line, text, said, regexp_extract(said.device,
        '^(?:hardware address: (?:hwtype=[0-9]+ )?([0-9A-Fa-f:]+)|DUID: ([0-9A-Fa-f:]+))(?:(?: and|,) hardware address: (?:hwtype=[0-9]+ )?([0-9A-Fa-f:]+))?(?:, client-id: ([0-9A-Fa-f:]+))?(.*)$',
        ['mac', 'duid', 'second_mac', 'client_id', 'rest']) AS named
    FROM split
),
relayed AS (
    SELECT line, text, said, named, CASE WHEN starts_with(named.rest, ' (')
        THEN named.rest[4 + (length(named.client_id) + 1) // 3:] ELSE named.rest END AS relay
    FROM device
),
lasting AS (
    SELECT line, text, said, named, relay, CASE WHEN said.lifetime <> '' THEN regexp_extract(said.lifetime,
        '^(?:([0-9]{1,5}) days? )?(?:([0-9]{1,5}) hrs? )?(?:([0-9]{1,5}) mins? )?([0-9]{1,10}) sec(?:ond)?s?$',
        ['days', 'hours', 'minutes', 'seconds']) END AS lasts
    FROM relayed
),
identified AS (  -- once each, since a macro would look for them again at every mention
    SELECT line, text, said, named, lasts, lower(coalesce(nullif(named.mac, ''), named.second_mac)) AS mac,
        lower(named.client_id) AS client_id, lower(coalesce(
            nullif(regexp_extract(relay, '[ ,](?:circuit|interface)-id: ([0-9A-Fa-f:]+)', 1), ''),
            regexp_extract(relay, '[ ,]subscriber-id: ([0-9A-Fa-f:]+)', 1))) AS circuit,
        lower(regexp_extract(relay, '[ ,]remote-id: ([0-9A-Fa-f:]+)', 1)) AS remote
    FROM lasting
)
SELECT line, CASE
        WHEN list_contains(['assigned', 'renewed', 'rebound', 'added', 'updated'], said.verb) THEN 'lease'
        WHEN list_contains(['released', 'declined', 'deleted'], said.verb) THEN 'release' END AS status,
    local_of(said.local_at) AS local_at, said.zone AS zone,
    mac, named.duid AS duid,
    CASE WHEN contains(client_id, ':') OR client_id = '' THEN client_id ELSE hex_of(client_id) END AS client_id,
    shown_of(circuit) AS circuit_id, shown_of(remote) AS remote_id,
    said.network AS network,
    CASE WHEN said.lifetime = 'infinite duration' THEN '4294967295'
        WHEN lasts.seconds <> '' THEN (coalesce(TRY_CAST(lasts.days AS UBIGINT), 0) * 86400 + coalesce(TRY_CAST(lasts.hours AS UBIGINT), 0) * 3600
            + coalesce(TRY_CAST(lasts.minutes AS UBIGINT), 0) * 60 + TRY_CAST(lasts.seconds AS UBIGINT))::VARCHAR END AS lifetime_s,
    CASE WHEN contains(text, 'deleted a lease for a device identified by') THEN 'it does not say which address was deleted'
        END AS reject,
    text AS excerpt
FROM identified
