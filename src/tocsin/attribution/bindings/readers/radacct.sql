-- Question: what does each row of FreeRADIUS's table radacct say, and can it be believed?
-- In: radacct_rows (radacct_rows.sql: row_number, line, the columns as text, absent ones NULL), radacct_clocks (record, row_number, line, step, clock), log_dated
-- (dated.sql); $latest and $since bound the moments that are believed.
-- Out: temporary table radius_records as radius_records.sql makes it, but that `line` numbers the records: a row is up to
-- three of them. Ties: none.
-- A row is overwritten as its session goes on: acctsessiontime is of the stop, else of the update.
CREATE OR REPLACE TEMP TABLE radius_records AS
WITH dated AS (
    SELECT c.record, c.row_number, c.line, c.step, c.clock, d.at_utc AS moment, d.why_not,
        min(d.at_utc) FILTER (c.step = 'start') OVER (PARTITION BY c.row_number) AS started_at
    FROM radacct_clocks c JOIN log_dated d ON d.record = c.record
),
split AS (
    SELECT d.record, d.line, d.step, d.clock, d.moment, d.why_not, d.started_at,
        coalesce(sql_unescaped(r.nasidentifier), r.nasipaddress, r.nasipv6address) AS nas,
        sql_unescaped(coalesce(r.acctsessionid, r.acctuniqueid)) AS session, sql_unescaped(r.username) AS account_name,
        -- Digits alone are NAS-Port, which some servers give anew to each session.
        CASE WHEN r.circuitid IS NOT NULL THEN line_of('circuit', '', sql_unescaped(r.circuitid))
            WHEN NOT regexp_full_match(r.nasportid, '[0-9]+')
            THEN line_of('port', coalesce(sql_unescaped(r.nasidentifier), r.nasipaddress, r.nasipv6address), sql_unescaped(r.nasportid))
            WHEN r.callingstationid IS NOT NULL THEN line_of('station', '', r.callingstationid) END AS line_hash,
        CASE WHEN regexp_replace(r.framedipaddress, '/32$', '') NOT IN ('0.0.0.0', '255.255.255.255', '255.255.255.254')
            THEN regexp_replace(r.framedipaddress, '/32$', '') END AS framed_v4,
        nullif(concat_ws(chr(10), regexp_replace(r.framedipv6address, '/128$', ''), r.framedipv6prefix, r.delegatedipv6prefix), '') AS framed,
        CASE WHEN d.step <> 'start' THEN whole_of(r.acctsessiontime) END AS session_s
    FROM dated d JOIN radacct_rows r ON r.row_number = d.row_number
)
SELECT record AS line, line AS row_line, nas, session, step AS status, account_name, line_hash, framed_v4, coalesce(framed, '') AS framed,
    moment,
    -- An acctsessiontime that began before acctstarttime is of something else.
    CASE WHEN session_s < 4294967295 AND (started_at IS NULL OR moment - to_seconds(session_s::BIGINT) >= started_at - INTERVAL 300 SECOND)
        THEN session_s::UINTEGER END AS session_s,
    NULL::UINTEGER AS session_max_s, NULL::UINTEGER AS interim_s,
    CASE WHEN clock IS NULL THEN 'neither acctstarttime nor acctstoptime'
        WHEN coalesce(nas, '') = '' THEN 'neither nasidentifier nor nasipaddress'
        WHEN coalesce(session, '') = '' THEN 'no acctsessionid'
        WHEN length(nas) > 253 OR length(session) > 253 OR length(account_name) > 253 THEN 'a name longer than 253'
        WHEN regexp_matches(concat(nas, session, account_name), '[\x00-\x1f\x7f]') THEN 'a control character in a name'
        WHEN moment IS NULL THEN coalesce(why_not, 'no moment')
        WHEN moment > $latest THEN 'the moment lies in the future'
        WHEN moment < $since THEN 'the moment lies too far in the past'
        WHEN moment < started_at THEN 'it stops, or is updated, before it starts'
        END AS reject,
    CASE WHEN reject IS NOT NULL THEN left(concat_ws(' ', step, nas, session, clock), 200) END AS excerpt
FROM split
