-- What does this table say of each prefix?
--
-- in   network_rows  ranges.sql's answer · $said_by  the table's name · $valid_from
-- out  one row a format and prefix
-- ties of each field the first row that says it, in the order of files and lines

SELECT $said_by AS said_by, format, network, prefix_bits,
    min_by(origin, place) FILTER (origin IS NOT NULL) AS origin,
    min_by(country, place) FILTER (country IS NOT NULL) AS country,
    min_by(abuse_contact, place) FILTER (abuse_contact IS NOT NULL) AS abuse_contact,
    $valid_from AS valid_from
FROM network_rows GROUP BY format, network, prefix_bits
