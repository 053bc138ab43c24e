-- What do many lines together show?
-- In:  accused, behaviours (number, service_name, name, rule, at_least, within_s, by: '' or target or user).
-- Out: the table shown, one row an origin and behaviour: behaviour, origin, line (the first), seen_at, seen_until,
--      lines (how many). An origin shows it when at_least of its lines lie within within_s; of `by`, each different value counts once.
-- Ties: of lines of one moment the order of the log.
CREATE OR REPLACE TABLE shown AS
WITH of_behaviour AS (
    SELECT b.number AS behaviour, b.at_least, b.within_s, a.origin, a."at", a.line, b."by",
        CASE b."by" WHEN 'target' THEN coalesce(nullif(a.target, ''), coalesce(a.peer::VARCHAR, '') || '/' || coalesce(a.peer_port::VARCHAR, ''))
            WHEN 'user' THEN a.account ELSE '' END AS value
    FROM accused a JOIN behaviours b ON b.rule = a.rule
    WHERE a.origin IS NOT NULL AND a."at" IS NOT NULL
),
once AS (
    SELECT behaviour, at_least, within_s, origin, "at", line FROM of_behaviour WHERE "by" = ''
    UNION ALL
    SELECT behaviour, any_value(at_least), any_value(within_s), origin, min("at"), min(line) FROM of_behaviour
    WHERE "by" <> '' GROUP BY behaviour, origin, value
),
windows AS (  -- the line that many before this one: near enough, and there were enough
    SELECT behaviour, at_least, within_s, origin, "at", line,
        row_number() OVER (PARTITION BY behaviour, origin ORDER BY "at", line) AS place
    FROM once
),
reached AS (
    SELECT DISTINCT w.behaviour, w.origin
    FROM windows w JOIN windows first ON first.behaviour = w.behaviour AND first.origin = w.origin AND first.place = w.place - w.at_least + 1
    WHERE w."at" - to_seconds(w.within_s) <= first."at"
)
SELECT o.behaviour, o.origin, min(o.line) AS line, min(o."at") AS seen_at, max(o."at") AS seen_until, count(*) AS lines
FROM of_behaviour o JOIN reached r ON r.behaviour = o.behaviour AND r.origin = o.origin
GROUP BY o.behaviour, o.origin
