-- Which addresses had a client been told by DNS, or by what it asked of them, and by which name?
-- In:  lookups, handshakes, requests. Out: one row an address: a name it was known by, and whether anybody could have that name.
WITH told AS (
    SELECT address_of(answer) AS address, name
    FROM (SELECT name, unnest(answers) AS answer FROM lookups WHERE rcode = 'NOERROR') WHERE answer <> ''
    UNION ALL SELECT called, name FROM handshakes WHERE name IS NOT NULL
    UNION ALL SELECT called, host FROM requests WHERE host IS NOT NULL AND address_of(host) IS NULL
),
names AS (SELECT address, min(name) AS name FROM told WHERE address IS NOT NULL GROUP BY address)
SELECT address, name,
    -- Dynamic DNS, where anybody has a name at once and for nothing.
    coalesce(regexp_matches(name, '\.(duckdns\.org|ddns\.net|no-ip\.(org|com|biz|info)|hopto\.org|zapto\.org|sytes\.net|myftp\.(biz|org)|servebeer\.com|serveblog\.net|redirectme\.net|bounceme\.net|con-ip\.com|dynu\.(net|com)|freeddns\.org|ddnsfree\.com|dyndns\.(org|info)|linkpc\.net|publicvm\.com|portmap\.(io|host)|kozow\.com|mywire\.org|gotdns\.ch|myvnc\.com|servehttp\.com|chickenkiller\.com|ngrok\.io)$'), false) AS is_lent
FROM names
