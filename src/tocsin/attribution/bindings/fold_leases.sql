-- Question: from when until when did each client hold each network that a DHCP server leased to it?
-- In: read_events (status lease, release), fold_logs, fold_evidence. Out: temporary table fold_leases, one row an unbroken
-- holding: log, account, line, network, prefix_bits, starts_at, ends_at, end_reason, first_record, last_record.
-- A server gives an address to nobody else before its lease ends or is given back, so a lease is trusted to its end unless
-- a later record of the address says otherwise: each renewal says anew when it ends. Two leases of one client are one
-- holding when the second was given before the first had ended. What a client gives back that it does not hold ends nothing;
-- what is given back by a client that the record does not name (or not by what `account_from` asks for) is the holder's. A
-- lease of such a client names nobody, and ends the one before it.
-- Ties: of records of one moment the giving back comes first, then the lower account; two clients at one moment: the
-- first has held it for no time at all.
CREATE OR REPLACE TEMP TABLE fold_leases AS
WITH told AS (
    SELECT e.log, e.network, e.prefix_bits, e."at" AS moment, e.status = 'release' AS given_back, e.account,
        max(e.until) AS until,  -- the same record of two files
        min(e.line) AS line, min({'moment': e."at", 'evidence': v.evidence, 'line': e.evidence_line}) AS record
    FROM read_events e
    JOIN fold_logs l ON l.log = e.log
    JOIN fold_evidence v ON v.evidence_sha256 = e.evidence_sha256
    WHERE e.status IN ('lease', 'release')
    GROUP BY ALL
),
held AS (
    SELECT log, network, prefix_bits, moment, given_back, until, line, record, held_by.account AS holder,
        CASE WHEN given_back AND named IS NULL THEN held_by.account ELSE named END AS account
    FROM (
        SELECT * EXCLUDE (account), account AS named, last_value(CASE WHEN NOT given_back THEN {'account': account} END IGNORE NULLS) OVER (
            PARTITION BY log, network, prefix_bits ORDER BY moment, given_back DESC, account
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_by
        FROM told
    )
),
followed AS (
    SELECT *, lag(account) OVER before AS account_before, lag(given_back) OVER before AS given_back_before,
        lag(until) OVER before AS until_before
    FROM held WHERE NOT given_back OR account IS NOT DISTINCT FROM holder
    WINDOW before AS (PARTITION BY log, network, prefix_bits ORDER BY moment, given_back DESC, account)
),
numbered AS (
    SELECT *, count(*) FILTER (
            account IS DISTINCT FROM account_before OR given_back_before OR (NOT given_back AND moment > until_before)
        ) OVER (PARTITION BY log, network, prefix_bits ORDER BY moment, given_back DESC, account) AS island
    FROM followed
),
holdings AS (
    SELECT log, network, prefix_bits, island, min(account) AS account, min(line) AS line,
        min(moment) FILTER (NOT given_back) AS starts_at, max(moment) FILTER (given_back) AS given_back_at,
        (max({'moment': moment, 'until': until}) FILTER (NOT given_back)).until AS until,
        min(record) AS first_record, max(record) AS last_record
    FROM numbered
    GROUP BY log, network, prefix_bits, island
),
cut AS (
    SELECT *, lead(starts_at) OVER (PARTITION BY log, network, prefix_bits ORDER BY island) AS next_at
    FROM holdings WHERE starts_at IS NOT NULL
)
SELECT row_number() OVER (ORDER BY log, network, prefix_bits, island) AS holding, log, account, line, network, prefix_bits,
    starts_at, greatest(starts_at, least(until, given_back_at, next_at)) AS ends_at,
    CASE WHEN given_back_at <= coalesce(least(until, next_at), given_back_at) THEN 'release'
        WHEN next_at <= until THEN 'next-lease' ELSE 'expiry' END AS end_reason,
    first_record, last_record
FROM cut;

-- Question: which holdings are doubtful, since one client was on two lines at once?
-- In: fold_leases; fold_usual (what contracts say of an account's line); $lines_share_accounts.
-- Out: temporary table fold_lease_doubts: holding, doubt. A client has as many addresses as it likes on one line. Ties: none.
CREATE OR REPLACE TEMP TABLE fold_lease_doubts AS
WITH lines AS (SELECT account FROM fold_leases GROUP BY account HAVING count(DISTINCT line) > 1),
beside AS (
    SELECT a.holding
    FROM fold_leases a
    SEMI JOIN lines ON lines.account = a.account
    JOIN fold_logs n ON n.log = a.log
    JOIN fold_leases b ON b.account = a.account AND b.line <> a.line
        AND a.starts_at + to_seconds(2 * n.accuracy_s) < b.ends_at AND b.starts_at + to_seconds(2 * n.accuracy_s) < a.ends_at
    WHERE NOT $lines_share_accounts
),
told AS (
    SELECT h.holding, bool_or(h.line = line_of('circuit', '', u.line)) AS is_usual
    FROM fold_leases h
    JOIN fold_usual u ON u.account = h.account AND u.starts_at <= h.starts_at AND (u.ends_at IS NULL OR u.ends_at > h.starts_at)
    WHERE h.line IS NOT NULL
    GROUP BY h.holding
)
SELECT holding, min(doubt) AS doubt  -- shared-login sorts before unusual-line
FROM (
    SELECT DISTINCT holding, 'shared-login' AS doubt FROM beside
    UNION ALL SELECT holding, 'unusual-line' FROM told WHERE NOT is_usual
)
GROUP BY holding
