-- An attribute's value without comments, its lines joined; NULL where nothing is left.
CREATE OR REPLACE MACRO rpsl_value(txt) AS nullif(trim(
    CASE WHEN contains(txt, '#') OR contains(txt, chr(10))
    THEN regexp_replace(regexp_replace(txt, '#[^\n]*', '', 'g'), '\n[ +\t]?', ' ', 'g') ELSE txt END, ' ' || chr(9)), '');

-- The first value of an attribute that does not begin the object. strpos is what makes it fast: most have none.
CREATE OR REPLACE MACRO rpsl_attribute(txt, name) AS CASE WHEN strpos(txt, chr(10) || name || ':') > 0
    THEN rpsl_value(regexp_extract(txt, '\n' || name || ':([^\n]*(?:\n[ +\t][^\n]*)*)', 1)) END;
