-- A day's bindings, with one subscriber's accounts replaced by numbers that mean nobody.
--
-- in   old (view: the day's bindings) · subject_accounts: account, becomes · subject_others: account, starts_at, ends_at
-- out  one row a binding
-- ties none

SELECT o.* REPLACE (coalesce(t.becomes, o.account) AS account)
FROM old o
LEFT JOIN subject_accounts t
    ON t.account = o.account AND NOT EXISTS (
        SELECT 1 FROM subject_others k
        WHERE k.account = o.account AND o.starts_at >= k.starts_at AND (k.ends_at IS NULL OR o.starts_at < k.ends_at)
    )
