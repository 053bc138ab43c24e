-- When was each line written, in UTC?
-- In:  findings, years (of years.sql), clocks (local_at, at, why: what those local times are in UTC).
-- Out: the table findings, with `at` and `undated` filled in.
-- Ties: none.
UPDATE findings SET "at" = c."at", undated = c.why
FROM years y JOIN clocks c ON c.local_at = y.local_at
WHERE y.line = findings.line
