-- A day's lease events, with one subscriber's accounts replaced by numbers that mean nobody, and their lines gone.
--
-- The rows stay: that somebody held the address is what keeps others from being taken for them.
-- in   old (view: the day's lease events) · subject_accounts: account, becomes · subject_others: account, starts_at, ends_at
-- out  one row a lease event
-- ties none

SELECT o.* REPLACE (coalesce(t.becomes, o.account) AS account, CASE WHEN t.becomes IS NULL THEN o.line END AS line)
FROM old o
LEFT JOIN subject_accounts t
    ON t.account = o.account AND NOT EXISTS (
        SELECT 1 FROM subject_others k
        WHERE k.account = o.account AND o."at" >= k.starts_at AND (k.ends_at IS NULL OR o."at" < k.ends_at)
    )
