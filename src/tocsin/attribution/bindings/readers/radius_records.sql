-- Question: what does each RADIUS accounting record say, and can it be believed?
-- In: `detail`, the records' attributes as text; $latest and $since bound the moments that are believed.
-- Out: temporary table radius_records, one row a record, with the reason in `reject` where it cannot be used. Networks
-- are still text here: radius_networks reads each text once.
-- Ties: none, a record is judged by itself.
CREATE OR REPLACE TEMP TABLE radius_records AS
WITH split AS (
    SELECT line, account_name, session, status_type, timestamp, event_timestamp, delay_time,
        -- RFC 2866 §4.1: NAS-IP-Address or NAS-Identifier must be there; the name is the steadier of the two.
        coalesce(nas_name, nas_v4, nas_v6) AS nas,
        -- The line, by the identifier that is nearest to the wire.
        CASE WHEN coalesce(adsl_circuit_id, circuit_id, '') <> ''
            THEN line_of('circuit', '', coalesce(adsl_circuit_id, circuit_id))
            WHEN port_id <> '' THEN line_of('port', coalesce(nas_name, nas_v4, nas_v6), port_id)
            WHEN station_id <> '' THEN line_of('station', '', station_id) END AS line_hash,
        -- RFC 2866 §5.1 and RFC 2867 §5; the last list says nothing about who holds an address.
        CASE WHEN status_type IN ('Start', '1') THEN 'start'
            WHEN status_type IN ('Stop', '2') THEN 'stop'
            WHEN status_type IN ('Interim-Update', 'Alive', '3') THEN 'interim'
            WHEN status_type IN ('Accounting-On', '7') THEN 'nas-on'
            WHEN status_type IN ('Accounting-Off', '8') THEN 'nas-off'
            WHEN status_type IN ('Tunnel-Start', 'Tunnel-Stop', 'Tunnel-Reject', 'Tunnel-Link-Start', 'Tunnel-Link-Stop',
                'Tunnel-Link-Reject', 'Failed', '9', '10', '11', '12', '13', '14', '15') THEN 'other' END AS status,
        whole_of(session_time) AS session_s, whole_of(session_timeout) AS session_max_s,
        whole_of(interim_interval) AS interim_s,
        event_moment_of(event_timestamp) AS event_at, named_moment_of(event_timestamp) AS named_at,
        -- RFC 2866 §5.2: the moment of arrival less the time that the client has been trying.
        CASE WHEN delay_time IS NULL OR whole_of(delay_time) IS NOT NULL
            THEN make_timestamp((whole_of(timestamp)::BIGINT - coalesce(whole_of(delay_time), 0)::BIGINT) * 1000000)
            END AS arrived_at,
        -- RFC 2865 §5.8: two values mean "from a pool", and 0.0.0.0 is nobody's.
        CASE WHEN framed_v4 NOT IN ('0.0.0.0', '255.255.255.255', '255.255.255.254') THEN framed_v4 END AS framed_v4,
        concat_ws(chr(10), framed_v6, framed_prefix, delegated_prefix) AS framed
    FROM detail
)
SELECT line, nas, session, status, account_name, line_hash, framed_v4, framed,
    -- RFC 2869 §5.3. A zone's name is no zone (IST is three of them): where such a text agrees with the arrival after
    -- whole quarter-hours it says the same moment, and where it does not, the arrival is what is known.
    coalesce(event_at, arrived_at) AS moment,
    -- RFC 2865 §5: integers have 32 bits.
    CASE WHEN session_s < 4294967295 THEN session_s::UINTEGER END AS session_s,
    CASE WHEN session_max_s BETWEEN 1 AND 4294967294 THEN session_max_s::UINTEGER END AS session_max_s,
    CASE WHEN interim_s BETWEEN 1 AND 4294967294 THEN interim_s::UINTEGER END AS interim_s,
    CASE WHEN status_type IS NULL THEN 'no Acct-Status-Type'
        WHEN status IS NULL THEN 'an unknown Acct-Status-Type'
        WHEN status = 'other' THEN NULL
        WHEN coalesce(nas, '') = '' THEN 'neither NAS-Identifier nor NAS-IP-Address'
        WHEN status IN ('start', 'interim', 'stop') AND coalesce(session, '') = '' THEN 'no Acct-Session-Id'
        WHEN length(nas) > 253 OR length(session) > 253 OR length(account_name) > 253 THEN 'a name longer than 253'
        WHEN regexp_matches(concat(nas, session, account_name), '[\x00-\x1f\x7f]') THEN 'a control character in a name'
        WHEN moment IS NULL THEN 'no usable moment: neither a Timestamp nor an Event-Timestamp with a certain zone'
        WHEN moment > $latest THEN 'the moment lies in the future'
        WHEN moment < $since THEN 'the moment lies too far in the past'
        -- One clock is badly wrong, and nothing says which. Names of zones differ from UTC by 14 hours at most.
        WHEN abs(epoch(coalesce(event_at, named_at)) - epoch(arrived_at)) > 86400
        THEN 'Event-Timestamp and Timestamp differ by more than a day'
        END AS reject,
    CASE WHEN reject IS NOT NULL THEN left(concat_ws(' ', status_type, nas, session, 'Timestamp=' || timestamp,
        'Event-Timestamp=' || event_timestamp, 'Acct-Delay-Time=' || delay_time), 200) END AS excerpt
FROM split
