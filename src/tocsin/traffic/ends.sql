-- Which addresses are in it, on which side, and how much was seen of each?
-- In:  flows, lookups; the macro is_told(address). Out: one row an address that may be ours, or that was answered five times and may be popular.
-- Of what was only called, nearly all is strangers: they are left out before anything is joined.
WITH callers AS (
    SELECT caller AS address, bool_or(caller_own) AS is_local, count(*) AS opened, min("at") AS first_at, max("at") AS last_at
    FROM flows GROUP BY caller
),
clients AS (
    -- Who asks the resolver that wrote a query log (its server is unknown) is its client, and so ours.
    SELECT client AS address, bool_or(server IS NULL) AS is_local, count(*) AS asked, min("at") AS first_at, max("at") AS last_at
    FROM lookups GROUP BY client
),
everybody AS (
    SELECT called AS address, bool_or(called_own) AS is_local, count(*) AS flows, count(*) FILTER (state = 'established') AS answers,
        -- Whoever is answered on port 25 is a mail server.
        bool_or(called_port = 25 AND protocol = 'tcp' AND state = 'established') AS takes_mail,
        min("at") AS first_at, max("at") AS last_at
    FROM flows GROUP BY called
),
called AS (
    SELECT address, is_local, flows, answers, takes_mail, first_at, last_at FROM everybody
    WHERE is_local OR answers >= 5 OR is_private(address) OR is_told(address)
        OR address IN (SELECT address FROM callers) OR address IN (SELECT address FROM clients)
),
sides AS (
    SELECT address, is_local, opened, 0 AS asked, 0 AS flows, 0 AS answers, false AS takes_mail, first_at, last_at FROM callers
    UNION ALL SELECT address, is_local, 0, asked, 0, 0, false, first_at, last_at FROM clients
    UNION ALL SELECT address, is_local, 0, 0, flows, answers, takes_mail, first_at, last_at FROM called
)
SELECT address, coalesce(bool_or(is_local), false) AS is_local, sum(opened)::BIGINT AS opened, sum(asked)::BIGINT AS asked,
    sum(flows)::BIGINT AS called_in, sum(answers)::BIGINT AS answers, coalesce(bool_or(takes_mail), false) AS takes_mail,
    min(first_at) AS first_at, max(last_at) AS last_at
FROM sides WHERE NOT is_no_host(address) AND NOT is_link_local(address)
GROUP BY address
