-- Whom does each network's own object name, by itself or through others?
--
-- in   rpsl_objects  what rpsl.sql found in all files
-- out  one row a network that says anything. Whether a less specific network's contact holds where it names none is not
--      settled here: the longest match that has a contact settles it
-- ties the network's own abuse-c (its role's abuse-mailbox), else its own abuse-mailbox, else its organisation's abuse-c,
--      else that one's abuse-mailbox, else its IRT's. Of two objects with one handle the first counts

WITH handles AS (
    SELECT handle, min_by(mailbox, place) FILTER (is_mail(mailbox)) AS mailbox,
        min_by(abuse_c, place) FILTER (abuse_c IS NOT NULL) AS abuse_c
    FROM rpsl_objects WHERE handle IS NOT NULL GROUP BY handle
), reachable AS (
    SELECT h.handle, coalesce(r.mailbox, h.mailbox) AS mailbox
    FROM handles h LEFT JOIN handles r ON r.handle = h.abuse_c
    WHERE coalesce(r.mailbox, h.mailbox) IS NOT NULL
), named AS (
    SELECT n.place, n.first, n.last, n.origin, n.country, coalesce(role.mailbox,
        CASE WHEN is_mail(n.mailbox) THEN n.mailbox END, org.mailbox, irt.mailbox) AS abuse_contact
    FROM rpsl_objects n
    LEFT JOIN reachable role ON role.handle = n.abuse_c
    LEFT JOIN reachable org ON org.handle = n.org
    LEFT JOIN reachable irt ON irt.handle = n.irt
    WHERE n.handle IS NULL
)
SELECT place, first, last, origin, country, abuse_contact
FROM named WHERE origin IS NOT NULL OR country IS NOT NULL OR abuse_contact IS NOT NULL
