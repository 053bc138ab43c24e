-- In which year was each year-less line written?
-- In:  findings (local_at of the year 2000 where the log wrote no year), $latest (what the file's own date says, local).
-- Out: the table years, one row a line: line, local_at with its year.
-- The last line is of the latest year in which it does not lie ahead of $latest; going back, each step from early to late
-- in the year is a turn of the year. That needs lines in the order of time: where one goes back by two days to half a
-- year, they are in none (files put together, a clock set), and each line is dated as if it were the last.
-- Ties: none.
CREATE OR REPLACE TABLE years AS
WITH guessed AS (
    SELECT line, local_at, CASE
        WHEN local_at + to_years(year($latest::TIMESTAMP)::INTEGER - 2000) <= $latest::TIMESTAMP + INTERVAL 1 DAY
        THEN year($latest::TIMESTAMP)::INTEGER - 2000
        ELSE year($latest::TIMESTAMP)::INTEGER - 2001 END AS years
    FROM findings WHERE local_at IS NOT NULL
),
steps AS (SELECT line, local_at, years, lead(local_at) OVER (ORDER BY line) AS following FROM guessed),
turns AS (
    SELECT line, local_at, years, coalesce(local_at > following + INTERVAL 180 DAY, false)::INTEGER AS turn,
        coalesce(local_at > following + INTERVAL 2 DAY AND local_at <= following + INTERVAL 180 DAY, false) AS is_back
    FROM steps
)
SELECT line, local_at + to_years(CASE WHEN (SELECT bool_or(is_back) FROM turns) THEN years
    ELSE (SELECT max_by(years, line) FROM turns) - (sum(turn) OVER (ORDER BY line DESC ROWS UNBOUNDED PRECEDING))::INTEGER
    END::INTEGER) AS local_at
FROM turns
