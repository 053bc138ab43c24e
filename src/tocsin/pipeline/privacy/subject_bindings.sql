-- Which addresses did one subscriber's accounts hold, and when?
--
-- in   bindings (view) · subject_accounts: account, becomes · subject_others: account, starts_at, ends_at (of others)
-- out  one row a binding; a binding stands in every day that it touches, here once
-- ties none

SELECT DISTINCT b.binding, b.binding_kind, b.log, b.account, b.network, b.prefix_bits, b.port_first, b.port_last,
    b.protocol, b.starts_at, b.ends_at
FROM bindings b
JOIN subject_accounts t ON t.account = b.account
ANTI JOIN subject_others o
    ON o.account = b.account AND b.starts_at >= o.starts_at AND (o.ends_at IS NULL OR b.starts_at < o.ends_at)
ORDER BY b.starts_at, b.binding
