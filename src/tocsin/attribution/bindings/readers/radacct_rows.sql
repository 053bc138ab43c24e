-- Question: what stands in each row, and at which moments was it written?
-- In: radacct, the rows' columns as text (radacct.py). Out, temporary tables:
--   radacct_rows    one row a row, numbered, since a line of JSON may hold several; what says "nothing" in one database or another is NULL
--   radacct_clocks  one row a record: a row is a start, the latest interim, and a stop
--   log_records     the same moments for dated.sql
-- Ties: none.
CREATE OR REPLACE TEMP TABLE radacct_rows AS
SELECT row_number() OVER () AS row_number, line, sql_text(radacctid) AS radacctid, sql_text(acctsessionid) AS acctsessionid, sql_text(acctuniqueid) AS acctuniqueid,
    sql_text(username) AS username, sql_text(nasidentifier) AS nasidentifier, sql_text(nasipaddress) AS nasipaddress,
    sql_text(nasipv6address) AS nasipv6address, sql_text(nasportid) AS nasportid, sql_text(circuitid) AS circuitid,
    sql_text(acctstarttime) AS acctstarttime, sql_text(acctupdatetime) AS acctupdatetime, sql_text(acctstoptime) AS acctstoptime,
    sql_text(acctsessiontime) AS acctsessiontime, sql_text(callingstationid) AS callingstationid,
    sql_text(framedipaddress) AS framedipaddress, sql_text(framedipv6address) AS framedipv6address,
    sql_text(framedipv6prefix) AS framedipv6prefix, sql_text(delegatedipv6prefix) AS delegatedipv6prefix
FROM radacct;

CREATE OR REPLACE TEMP TABLE radacct_clocks AS
SELECT row_number() OVER () AS record, row_number, line, step, clock
FROM (
    SELECT row_number, line, 'start' AS step, acctstarttime AS clock FROM radacct_rows
    WHERE acctstarttime IS NOT NULL OR acctstoptime IS NULL
    UNION ALL
    SELECT row_number, line, 'interim', acctupdatetime FROM radacct_rows
    WHERE acctupdatetime IS NOT NULL AND acctstoptime IS NULL AND acctupdatetime IS DISTINCT FROM acctstarttime
    UNION ALL
    SELECT row_number, line, 'stop', acctstoptime FROM radacct_rows WHERE acctstoptime IS NOT NULL
);

CREATE OR REPLACE TEMP TABLE log_records AS
SELECT record, line, sql_moment_of(clock) AS moment, local_of(clock) AS local_at, NULL::VARCHAR AS zone
FROM radacct_clocks
