-- Question: what does each line of Kea's legal log (libdhcp_legal_log) say of a lease?
-- In: log_lines (line, text). Out: one row a line, some of the columns of RECORDS.
-- A client chooses the text that Kea shows in brackets after its client-id, and might write "circuit-id: …" there. It has
-- one character for each octet before it, so it is cut out by its length before the relay's words are looked for.
-- A printed circuit-id is the access node's. DHCPv6 says interface-id where DHCPv4 says circuit-id. Ties: none.
WITH cut AS (  -- at words of Kea's own: nothing that a client chose stands before them
    SELECT line, text, strpos(text, ' has been ') AS verb_at, strpos(text, ' a device with ') AS device_at FROM log_lines
),
parts AS (
    SELECT line, text, verb_at, CASE WHEN verb_at > 0 THEN text[:verb_at - 1] END AS head,
        CASE WHEN verb_at > 0 THEN text[verb_at + 10:CASE WHEN device_at > verb_at THEN device_at - 1 ELSE 1048576 END] END AS verb,
        CASE WHEN verb_at > 0 AND device_at > verb_at THEN text[device_at + 15:] ELSE '' END AS device
    FROM cut
),
split AS (
    SELECT line, text, CASE WHEN verb_at > 0 THEN regexp_extract(head,
            '^(?:([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,15}) ?([A-Za-z]{1,6}|[+-][0-9]{2}:?[0-9]{2})? )?(?:Address|Prefix): ?([0-9A-Fa-f.:/]+)$',
            ['local_at', 'zone', 'network']) END AS head,
        CASE WHEN verb_at > 0 THEN regexp_extract(verb, '^([a-z]+)(?: for ([0-9][a-z0-9 ]*s|infinite duration))?(?: (?:to|from|by))?$',
            ['verb', 'lifetime']) END AS verb, device,
        CASE WHEN verb_at = 0 THEN regexp_extract(text,
            '^(?:([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,15}) ?([A-Za-z]{1,6}|[+-][0-9]{2}:?[0-9]{2})? )?(?:Administrator|HA partner) (?:([a-z]+) (?:a lease of|information on the lease of|the lease for) (?:address|prefix): ?([0-9A-Fa-f.:/]+)(?: to a device with (.*?))?(?: for ([a-z0-9 ]+))?|deleted a lease for a device identified by: .*)$',
            ['local_at', 'zone', 'verb', 'network', 'device', 'lifetime']) END AS ordered
    FROM parts
),
said AS (
    SELECT line, text, coalesce(head.local_at, ordered.local_at) AS local_at, coalesce(head.zone, ordered.zone) AS zone,
        coalesce(head.network, ordered.network) AS network, coalesce(verb.verb, ordered.verb) AS verb,
        coalesce(verb.lifetime, ordered.lifetime) AS lifetime, coalesce(ordered.device, device) AS device
    FROM split
),
device AS (
    SELECT line, text, local_at, zone, network, verb, lifetime, regexp_extract(device,
        '^(?:hardware address: (?:hwtype=[0-9]+ )?([0-9A-Fa-f:]+)|DUID: ([0-9A-Fa-f:]+))(?:(?: and|,) hardware address: (?:hwtype=[0-9]+ )?([0-9A-Fa-f:]+))?(?:, client-id: ([0-9A-Fa-f:]+))?(.*)$',
        ['mac', 'duid', 'second_mac', 'client_id', 'rest']) AS named
    FROM said
),
relayed AS (
    SELECT line, text, local_at, zone, network, verb, lifetime, named, CASE WHEN starts_with(named.rest, ' (')
        THEN named.rest[4 + (length(named.client_id) + 1) // 3:] ELSE named.rest END AS relay
    FROM device
),
lasting AS (
    SELECT line, text, local_at, zone, network, verb, lifetime, named, relay, CASE WHEN lifetime <> '' THEN regexp_extract(lifetime,
        '^(?:([0-9]{1,5}) days? )?(?:([0-9]{1,5}) hrs? )?(?:([0-9]{1,5}) mins? )?([0-9]{1,10}) sec(?:ond)?s?$',
        ['days', 'hours', 'minutes', 'seconds']) END AS lasts
    FROM relayed
),
identified AS (  -- once each, since a macro would look for them again at every mention
    SELECT line, text, local_at, zone, network, verb, lifetime, named, lasts, lower(coalesce(nullif(named.mac, ''), named.second_mac)) AS mac,
        lower(named.client_id) AS client_id, lower(coalesce(
            nullif(regexp_extract(relay, '[ ,](?:circuit|interface)-id: ([0-9A-Fa-f:]+)', 1), ''),
            regexp_extract(relay, '[ ,]subscriber-id: ([0-9A-Fa-f:]+)', 1))) AS circuit,
        lower(regexp_extract(relay, '[ ,]remote-id: ([0-9A-Fa-f:]+)', 1)) AS remote
    FROM lasting
)
SELECT line, CASE
        WHEN list_contains(['assigned', 'renewed', 'rebound', 'added', 'updated'], verb) THEN 'lease'
        WHEN list_contains(['released', 'declined', 'deleted'], verb) THEN 'release' END AS status,
    local_of(local_at) AS local_at, zone AS zone,
    mac, named.duid AS duid,
    CASE WHEN contains(client_id, ':') OR client_id = '' THEN client_id ELSE hex_of(client_id) END AS client_id,
    shown_of(circuit) AS circuit_id, shown_of(remote) AS remote_id,
    network AS network,
    CASE WHEN lifetime = 'infinite duration' THEN '4294967295'
        WHEN lasts.seconds <> '' THEN (coalesce(TRY_CAST(lasts.days AS UBIGINT), 0) * 86400 + coalesce(TRY_CAST(lasts.hours AS UBIGINT), 0) * 3600
            + coalesce(TRY_CAST(lasts.minutes AS UBIGINT), 0) * 60 + TRY_CAST(lasts.seconds AS UBIGINT))::VARCHAR END AS lifetime_s,
    CASE WHEN contains(text, 'deleted a lease for a device identified by') THEN 'it does not say which address was deleted'
        END AS reject,
    left(text, 200) AS excerpt
FROM identified
