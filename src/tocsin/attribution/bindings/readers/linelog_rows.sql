-- Question: what stands in each line, and what did the clock of those show that have no epoch?
-- In: linelog_told (linelog.py). Out: temporary tables linelog_rows, the same, and log_records for dated.sql. Ties: none.
CREATE OR REPLACE TEMP TABLE linelog_rows AS
SELECT row_number() OVER () AS record, line, clock, zone, excerpt, account_name, nas_name, nas_v4, nas_v6, port_id, station_id,
    adsl_circuit_id, circuit_id, framed_v4, framed_v6, framed_prefix, delegated_prefix, session, status_type, session_time,
    delay_time, interim_interval, session_timeout, event_timestamp, timestamp
FROM linelog_told;

CREATE OR REPLACE TEMP TABLE log_records AS
SELECT record, line, NULL::TIMESTAMP AS moment, local_of(clock) AS local_at, zone FROM linelog_rows WHERE clock IS NOT NULL
