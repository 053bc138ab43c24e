-- In which year was each year-less line written?
-- In:  findings (local_at of the year 2000 where the log wrote no year), $latest (what the file's own date says, local).
-- Out: the table years, one row a line: line, local_at with its year.
-- A line is of the latest year in which it and all that follow it lie before $latest. That needs lines in the order of
-- time: where some step goes back by two days to half a year, they are not, and each is judged alone.
-- Ties: none.
CREATE OR REPLACE TABLE years AS
WITH guessed AS (
    SELECT line, CASE
        WHEN local_at + to_years(year($latest::TIMESTAMP)::INTEGER - 2000) <= $latest::TIMESTAMP + INTERVAL 1 DAY
        THEN local_at + to_years(year($latest::TIMESTAMP)::INTEGER - 2000)
        ELSE local_at + to_years(year($latest::TIMESTAMP)::INTEGER - 2001) END AS guess
    FROM findings WHERE local_at IS NOT NULL
),
steps AS (SELECT line, guess, lead(guess) OVER (ORDER BY line) AS following FROM guessed),
turns AS (
    SELECT line, guess, coalesce(guess > following + INTERVAL 180 DAY, false)::INTEGER AS turn,
        coalesce(guess > following + INTERVAL 2 DAY AND guess <= following + INTERVAL 180 DAY, false) AS is_back
    FROM steps
)
SELECT line, CASE WHEN (SELECT coalesce(bool_or(is_back), false) FROM turns) THEN guess
    ELSE guess - to_years((sum(turn) OVER (ORDER BY line DESC ROWS UNBOUNDED PRECEDING))::INTEGER) END AS local_at
FROM turns
