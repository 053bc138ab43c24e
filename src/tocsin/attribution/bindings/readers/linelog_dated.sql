-- Question: what would a detail file have said?
-- In: linelog_rows, log_dated. Out: temporary view detail, one row a line whose moment is known. Ties: none.
CREATE OR REPLACE TEMP VIEW detail AS
SELECT r.line, r.account_name, r.nas_name, r.nas_v4, r.nas_v6, r.port_id, r.station_id, r.adsl_circuit_id, r.circuit_id, r.framed_v4,
    r.framed_v6, r.framed_prefix, r.delegated_prefix, r.session, r.status_type, r.session_time, r.delay_time, r.interim_interval,
    r.session_timeout, r.event_timestamp, coalesce((epoch_us(d.at_utc) // 1000000)::VARCHAR, r.timestamp) AS timestamp
FROM linelog_rows r LEFT JOIN log_dated d ON d.record = r.record
WHERE r.clock IS NULL OR d.at_utc IS NOT NULL
