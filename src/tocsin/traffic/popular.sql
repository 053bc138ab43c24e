-- Who is spoken to by many of ours, and answers them: whatever it is, it is not one host's secret?
-- In:  flows, own (address, number), ends. Out: one row an address that five, and one of twenty, of our hosts have spoken to.
-- Few addresses are answered so often that it can be; who spoke to each is counted by small numbers, not by pairs of addresses.
WITH enough AS (SELECT greatest(5, 0.05 * count(*)) AS callers FROM own),
crowded AS (
    SELECT address, row_number() OVER () AS number FROM ends, enough WHERE answers >= enough.callers
),
pairs AS (
    SELECT DISTINCT c.number::UBIGINT << 32 | own.number::UBIGINT AS pair
    FROM flows f JOIN own ON own.address = f.caller JOIN crowded c ON c.address = f.called
    WHERE f.state = 'established'
),
counted AS (SELECT pair >> 32 AS number, count(*) AS callers FROM pairs GROUP BY pair >> 32)
SELECT address FROM counted JOIN crowded USING (number), enough WHERE counted.callers >= enough.callers
