-- The macros of tables that came out of a database.

-- What says "nothing": MySQL's \N, NULL and its zero date, an empty field.
CREATE OR REPLACE TEMP MACRO sql_text(txt) AS
    CASE WHEN txt = '' OR txt = 'NULL' OR txt = '\N' OR starts_with(txt, '0000-00-00') THEN NULL ELSE txt END;

-- A moment that leaves no doubt: with an offset (PostgreSQL writes `+09` too), or an epoch (SQLite). Else NULL.
CREATE OR REPLACE TEMP MACRO sql_moment_of(txt) AS CASE
    WHEN regexp_full_match(txt, '[0-9]{9,10}') THEN make_timestamp(txt::BIGINT * 1000000)
    WHEN regexp_full_match(txt, '[0-9]{4}-[^ T]*[ T][0-9:.]+[+-][0-9]{2}') THEN moment_of(txt || ':00')
    WHEN regexp_full_match(txt, '[0-9]{4}-[^ T]*[ T][0-9:.]+(?:[+-][0-9]{2}:?[0-9]{2}|Z| UTC)') THEN moment_of(txt) END;

-- FreeRADIUS writes what is not in `safe_characters` as `=HH`, and so `=` too; anything else was written by others.
CREATE OR REPLACE TEMP MACRO sql_unescaped(txt) AS CASE
    WHEN contains(txt, '=') AND length(txt) <= 1000 AND regexp_full_match(txt, '(?:[^=]|=[0-9A-F]{2})*')
    THEN coalesce(try(decode(unhex(array_to_string(list_transform(regexp_extract_all(txt, '(?s)=[0-9A-F]{2}|.'),
        lambda one: CASE WHEN length(one) = 3 THEN one[2:] ELSE hex(encode(one)) END), '')))), txt)
    ELSE txt END;
