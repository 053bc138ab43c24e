-- What logs that come by syslog have in common. Each reader of such a log runs this file first (syslog.py).

-- A line's header: RFC 5424 (with the year), RFC 3164 §4.1.2 (without), what rsyslog writes before a line, or Cisco's
-- `2023 May 31 11:30:00`. `all` is all of it, '' where the line has no header that this knows: what follows is not
-- matched, only counted off.
CREATE OR REPLACE TEMP MACRO syslog_head(txt) AS regexp_extract(txt,
    '^((?:<[0-9]{1,3}>)? ?(?:[0-9]{1,2} )?(?:'
    || '([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)[0-9]{0,3}(Z|[+-][0-9]{2}:?[0-9]{2}| UTC)?'
    || '|(?:([0-9]{4}) )?([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) (?:([0-9]{4}) )?([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?'
    || '):? +(?:([0-9A-Za-z](?:[0-9A-Za-z_.:/@-]*[0-9A-Za-z_/@-])?) +)?)',
    ['all', 'day', 'clock', 'shift', 'year', 'month', 'date', 'year_after', 'time', 'host']);

-- The seconds that `+09:00`, `+0930` or `Z` is ahead of UTC. A cast to TIMESTAMP would drop an offset without a word.
CREATE OR REPLACE TEMP MACRO seconds_ahead(shift) AS CASE WHEN shift IN ('Z', ' UTC', '+00:00') THEN 0
    ELSE (CASE WHEN shift[1] = '-' THEN -60 ELSE 60 END) * (shift[2:3]::INTEGER * 60 + right(shift, 2)::INTEGER) END;

-- What the clock of a header without a zone showed; of the year 2000 where it does not say which.
CREATE OR REPLACE TEMP MACRO local_at_of(year, month, date, "time") AS try_strptime(
    concat(CASE WHEN year = '' THEN '2000' ELSE year END, ' ', month, ' ', date, ' ', "time"), '%Y %b %d %H:%M:%S');

-- One row a line: line, text, at_sure (UTC, where the header has an offset), at_local (else what its clock showed; of
-- the year 2000 where it has no year), host, body (what follows the host; all of the line where it has no header).
CREATE OR REPLACE TEMP MACRO syslog_lines(lines) AS TABLE
WITH headed AS (SELECT line, text, syslog_head(text) AS head FROM query_table(lines))
SELECT line, text,
    CASE WHEN head.shift <> '' THEN TRY_CAST(head.day || ' ' || head.clock AS TIMESTAMP) - to_seconds(seconds_ahead(head.shift)) END
        AS at_sure,
    CASE WHEN head.day <> '' AND head.shift = '' THEN TRY_CAST(head.day || ' ' || head.clock AS TIMESTAMP)
        WHEN head.time <> '' THEN local_at_of(head.year || head.year_after, head.month, head.date, head.time) END AS at_local,
    nullif(head.host, '') AS host,
    substr(text, length(head.all) + 1) AS body
FROM headed;

-- A transport protocol as everywhere else in the house: lower case, and the numbers that transport_of does not know.
CREATE OR REPLACE TEMP MACRO protocol_of(txt) AS
    CASE lower(txt) WHEN '6' THEN 'tcp' WHEN '17' THEN 'udp' WHEN '1' THEN 'icmp' WHEN '47' THEN 'gre' WHEN '50' THEN 'esp'
        WHEN '51' THEN 'ah' WHEN '58' THEN 'ipv6-icmp' WHEN '132' THEN 'sctp' WHEN '136' THEN 'udplite'
        WHEN 'icmpv6' THEN 'ipv6-icmp' ELSE lower(txt) END;

-- The id of a connection's mapping. Two connections may use one port at once, to two peers: 16 bits of a digest tell
-- them apart, and are too few to say who the peer was.
CREATE OR REPLACE TEMP MACRO connection_of(inside, vrf, network, port, protocol, peer) AS
    concat_ws('|', inside, vrf, network, port, protocol, left(sha256(peer), 4));

-- The value of `key="value"`, '' where it is not there or its quote does not close.
CREATE OR REPLACE TEMP MACRO named_value(txt, key) AS regexp_extract(txt, '[ \[]' || key || '="([^"]*)"', 1);

-- Seconds since 1970 in hexadecimal digits, as a moment; NULL where they are none, or far too many.
CREATE OR REPLACE TEMP MACRO epoch_of(digits) AS CASE WHEN regexp_full_match(digits, '0*[0-9A-Fa-f]{1,9}')
    THEN make_timestamp(('0x' || right(digits, 9))::BIGINT * 1000000) END;
