-- What do the objects of a registry's database say of networks, and of whom to write to? (RFC 2622 §2, RIPE's objects)
--
-- in   network_paragraphs  line, text: one object or comment a row
-- out  one row an object of a class that matters; `first`, `last` of inetnum, inet6num, route and route6, `handle` of
--      the others. A value goes on over lines that begin with a blank, a tab or `+`; `#` starts a comment
-- ties of an attribute that stands several times the first is taken

SELECT line, class, head, first, last, handle, origin, country, abuse_c, org, irt, mailbox,
    CASE WHEN handle IS NULL THEN coalesce(
        CASE WHEN is_range THEN range_fault(first, last) ELSE prefix_fault(first, bits) END,
        CASE WHEN class IN ('route', 'route6') AND origin IS NULL THEN 'not an AS number' END)
    END AS reject
FROM (
    SELECT line, class, head, handle, is_range, first, bits,
        CASE WHEN is_range THEN address_of(trim(split_part(head, '-', 2))) ELSE last_of(first, bits) END AS last,
        asn_of(upper(origin)) AS origin, country_of(left(country, 2)) AS country,
        upper(abuse_c) AS abuse_c, upper(org) AS org, upper(irt) AS irt, mailbox
    FROM (
        SELECT line, class, head, handle, is_range, origin, country, abuse_c, org, irt, mailbox, first,
            bits_of_length(trim(split_part(head, '/', 2)), is_v4(first)) AS bits
        FROM (
            SELECT line, class, head, origin, country, abuse_c, org, irt, mailbox,
                class = 'inetnum' AND contains(head, '-') AS is_range,
                CASE WHEN class IN ('inetnum', 'inet6num', 'route', 'route6')
                    THEN address_of(trim(split_part(split_part(head, '-', 1), '/', 1))) END AS first,
                upper(CASE WHEN class IN ('organisation', 'irt') THEN head
                    WHEN class IN ('role', 'person') THEN coalesce(nic_hdl, '') END) AS handle
            FROM (
                SELECT line, class, rpsl_value(regexp_extract(text, '^[^:]*:([^\n]*(?:\n[ +\t][^\n]*)*)', 1)) AS head,
                    rpsl_attribute(text, 'nic-hdl') AS nic_hdl,
                    rpsl_attribute(text, 'netname') AS netname,
                    CASE WHEN starts_with(class, 'route') THEN rpsl_attribute(text, 'origin') END AS origin,
                    CASE WHEN starts_with(class, 'inet') THEN rpsl_attribute(text, 'country') END AS country,
                    rpsl_attribute(text, 'abuse-c') AS abuse_c,
                    CASE WHEN starts_with(class, 'inet') THEN rpsl_attribute(text, 'org') END AS org,
                    CASE WHEN starts_with(class, 'inet') THEN rpsl_attribute(text, 'mnt-irt') END AS irt,
                    rpsl_attribute(text, 'abuse-mailbox') AS mailbox
                FROM (
                    SELECT line + CASE WHEN length(rest) = length(text) THEN 0 -- what stood before the object
                            ELSE length(regexp_replace(left(text, length(text) - length(rest)), '[^\n]', '', 'g')) END AS line,
                        rest AS text, lower(split_part(rest, ':', 1)) AS class
                    FROM (
                        SELECT line, text, CASE WHEN regexp_matches(left(text, 1), '[a-z]') THEN text
                            ELSE regexp_replace(text, '^(?:[#%][^\n]*(?:\n|$)|\s*\n)+', '') END AS rest
                        FROM network_paragraphs
                    )
                )
                WHERE class IN ('inetnum', 'inet6num', 'route', 'route6', 'role', 'person', 'organisation', 'irt')
            )
            -- Objects that stand for the whole world, or for space of another registry.
            WHERE NOT coalesce(regexp_matches(netname, '^(?i:NON-[A-Z]+-(?:NCC-)?MANAGED|IANA-(?:NET)?BLOCK|IANA-BLK)'), false)
        )
    )
)
