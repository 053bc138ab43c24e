-- Which addresses had a client been told by DNS, or by what it asked of them, and by which name?
-- In:  lookups, handshakes, requests. Out: one row an address: a name it was known by.
SELECT address, min(name) AS name FROM (
    SELECT address_of(answer) AS address, name
    FROM (SELECT name, unnest(answers) AS answer FROM lookups WHERE rcode = 'NOERROR') WHERE answer <> ''
    UNION ALL SELECT called, name FROM handshakes WHERE name IS NOT NULL
    UNION ALL SELECT called, host FROM requests WHERE host IS NOT NULL AND address_of(host) IS NULL
) WHERE address IS NOT NULL GROUP BY address
