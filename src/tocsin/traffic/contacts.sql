-- Who spoke to whom, how often, and how did it end?
-- In:  flows. Out: one row a (caller, called, port, protocol): the one pass over all flows; nearly everything else is asked of it.
SELECT caller, called, called_port, protocol,
    count(*) AS flows,
    count(*) FILTER (state = 'established') AS answered,
    count(*) FILTER (state IN ('unanswered', 'refused')) AS failed,
    sum(bytes_out)::UBIGINT AS bytes_out, sum(bytes_in)::UBIGINT AS bytes_in, max(bytes_out) AS bytes_out_max,
    sum(packets_out)::UBIGINT AS packets_out, sum(packets_in)::UBIGINT AS packets_in,
    sum(duration_s) AS duration_s, max(duration_s) AS duration_s_max,
    min("at") AS first_at, max("at") AS last_at,
    any_value(service) AS service, bool_or(caller_own) AS caller_own, bool_or(called_own) AS called_own
FROM flows
GROUP BY caller, called, called_port, protocol
