-- Question: what does each line that dnsmasq logs by syslog say of a lease?
-- In: log_lines (line, text); $lease_s, how long a lease lasts by dnsmasq's configuration, or NULL. Out: one row a line, some of
-- the columns of RECORDS. With `log-dhcp` the length follows in a line of its own, under the same number of the exchange
-- (`sent size:  4 option: 51 lease-time  12h`, `nest size: 24 option:  5 iaaddr  … VL=600`, within the next 64 lines).
-- Of DHCPv6 the release does not name the address: it says nothing. Ties: the first such line counts.
WITH split AS (
    SELECT line, text, contains(text, 'dnsmasq-dhcp') AS is_ours, CASE WHEN contains(text, 'dnsmasq-dhcp') THEN regexp_extract(text,
        '^(?:<[0-9]{1,3}>)?(?:([A-Z][a-z]{2} +[0-9]{1,2} [0-9:]{8})|([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,15})([+-][0-9]{2}:?[0-9]{2}|Z)?) (?:[^ ]+ )?dnsmasq-dhcp(\[[0-9]+\])?: (?:([0-9]+) )?(.*)$',
        ['bsd', 'iso', 'zone', 'process', 'exchange', 'said']) END AS head
    FROM log_lines
),
said AS (
    SELECT line, text, is_ours, head, regexp_extract(head.said,
        '^(DHCPACK|DHCPRELEASE|DHCPDECLINE|DHCPREPLY)\([^)]*\) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f:-]+)(?: ([^ ]*).*)?$',
        ['verb', 'network', 'client', 'hostname']) AS told
    FROM split
),
lengths AS (
    SELECT line, head.process AS process, head.exchange AS exchange, regexp_extract(head.said,
        'option: +(?:51 lease-time +(?:(infinite)|(?:([0-9]{1,5})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,10})s)?)|5 iaaddr +([^ ]+) .*VL=([0-9]+))$',
        ['endless', 'days', 'hours', 'minutes', 'seconds', 'network', 'whole']) AS lasts
    FROM split
    WHERE head.exchange <> '' AND (contains(text, 'lease-time') OR contains(text, 'iaaddr'))
),
lasting AS (
    SELECT s.line, min_by(CASE WHEN l.lasts.endless <> '' THEN 4294967295 ELSE coalesce(TRY_CAST(l.lasts.whole AS UBIGINT),
        coalesce(TRY_CAST(l.lasts.days AS UBIGINT), 0) * 86400 + coalesce(TRY_CAST(l.lasts.hours AS UBIGINT), 0) * 3600
        + coalesce(TRY_CAST(l.lasts.minutes AS UBIGINT), 0) * 60 + coalesce(TRY_CAST(l.lasts.seconds AS UBIGINT), 0)) END, l.line) AS lease_s
    FROM said s
    JOIN lengths l ON l.exchange = s.head.exchange AND l.process = s.head.process AND l.line BETWEEN s.line + 1 AND s.line + 64
        AND l.lasts.network IN ('', s.told.network)
    WHERE s.told.verb IN ('DHCPACK', 'DHCPREPLY')
    GROUP BY s.line
)
SELECT s.line, CASE WHEN s.told.verb IN ('DHCPACK', 'DHCPREPLY') THEN 'lease'
        WHEN s.told.verb IN ('DHCPRELEASE', 'DHCPDECLINE') THEN 'release'
        -- Other programs' lines, and those of an exchange that is not over. What names itself dnsmasq and has no time is broken.
        WHEN NOT s.is_ours OR s.head.said <> '' THEN '' END AS status,
    local_of(coalesce(nullif(s.head.bsd, ''), s.head.iso)) AS local_at, s.head.zone AS zone, s.told.network AS network,
    CASE WHEN length(s.told.client) = 17 THEN s.told.client END AS mac,
    CASE WHEN length(s.told.client) > 17 THEN s.told.client END AS duid, s.told.hostname AS hostname,
    coalesce(l.lease_s, $lease_s::BIGINT)::VARCHAR AS lifetime_s,
    CASE WHEN s.told.verb IN ('DHCPACK', 'DHCPREPLY') AND coalesce(l.lease_s, $lease_s::BIGINT) IS NULL
        THEN 'nothing says how long the lease lasts: set the log''s `lease_s`, or `log-dhcp` in dnsmasq' END AS reject,
    s.text AS excerpt
FROM said s LEFT JOIN lasting l ON l.line = s.line
