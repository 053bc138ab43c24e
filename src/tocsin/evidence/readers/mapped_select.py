"""The query that makes TEXTS of a mapped feed's raw columns. Every word in it is a literal table's or the mapping's."""

from __future__ import annotations

from tocsin.evidence.mapping import MOMENT_TERMS, Mapping
from tocsin.evidence.texts import RAW, TEXTS
from tocsin.terms.kinds import KIND_BY_OLD_NAME, TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

NO_ROWS = "SELECT " + ", ".join(f"NULL::{kind} AS {name}" for name, kind in TEXTS) + " WHERE false"

# Over what a role is believed, whoever states it: a feed cannot talk somebody guilty over bare packets.
_PROOF_BY_ROLE = {Role.INFECTED: "not-bare", Role.ATTACKER: "tcp"}


def select(mapping: Mapping, column_by_term: dict[str, str], extra: str) -> str:
    """`column_by_term` names columns of RAW; `extra` is an expression over them."""
    sql = {name: "''" for name, _ in TEXTS} | column_by_term
    for term in MOMENT_TERMS:
        if term in column_by_term:
            sql[term] = _moment(sql[term], mapping)
    sql |= {
        name: _quoted(value) for name in ("malware", "protocol", "application") if (value := getattr(mapping, name))
    }
    kind = _kind(mapping, column_by_term.get("kind"))
    role = _role(mapping, column_by_term.get("role"))
    inner = ", ".join(f"{sql[name]} AS {name}" for name, _ in TEXTS if name not in _DERIVED)
    outer = [name for name, _ in TEXTS if name not in ("taxonomy", "proof")]
    return (
        f"SELECT {', '.join(outer)}, {_lookup('kind', TAXONOMY_BY_KIND, 'other')} AS taxonomy,"
        f" {_lookup('role', {str(role): proof for role, proof in _PROOF_BY_ROLE.items()}, '')} AS proof"
        f" FROM (SELECT {inner}, line, {kind} AS kind, {role} AS role, {extra} AS extra FROM {RAW})"
    )


_DERIVED = ("line", "kind", "taxonomy", "role", "proof", "extra")


def _kind(mapping: Mapping, column: str | None) -> str:
    if column is None:
        return _quoted(mapping.kind or "undetermined")
    stated = {name.lower(): kind for name, kind in mapping.kinds.items()}
    known = {kind: kind for kind in TAXONOMY_BY_KIND} | KIND_BY_OLD_NAME | stated
    return _lookup(f"lower(trim({column}))", known, "undetermined")


def _role(mapping: Mapping, column: str | None) -> str:
    if column is None:
        return _quoted(str(mapping.role or Role.LEAD))
    return _lookup(f"lower(trim({column}))", {str(role): str(role) for role in Role}, str(Role.LEAD))


def _moment(column: str, mapping: Mapping) -> str:
    """The column's text as UTC, as moment_of takes it; what is of another form stays, marked, and is no moment."""
    if mapping.time == "rfc3339" and not mapping.zone:
        return column
    if mapping.time in ("epoch", "epoch-ms"):
        digits, scale = (11, 1_000_000) if mapping.time == "epoch" else (14, 1000)
        at_utc = f"make_timestamp(round(TRY_CAST({column} AS DECIMAL(29, 9)) * {scale})::BIGINT)"
        is_form = f"regexp_full_match({column}, '[0-9]{{1,{digits}}}(?:[.][0-9]{{1,9}})?')"
        shown = f"strftime({at_utc}, '%Y-%m-%d %H:%M:%S')"
        exact = f"strftime({at_utc}, '%Y-%m-%d %H:%M:%S.%f')"
        whole = f"NOT contains({column}, '.')" if mapping.time == "epoch" else "false"
        return f"CASE WHEN {is_form} THEN CASE WHEN {whole} THEN {shown} ELSE {exact} END ELSE {_marked(column)} END"
    zone = _quoted(mapping.zone or "UTC")
    if mapping.time == "rfc3339":
        has_zone = f"regexp_full_match({column}, '.*(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}}| UTC)')"
        local = _local(column, f"moment_of({column})", zone)
        return f"CASE WHEN {has_zone} OR moment_of({column}) IS NULL THEN {column} ELSE {local} END"
    read = f"try_strptime({column}, {_quoted(mapping.time)})"
    if "%z" in mapping.time:
        return (
            f"coalesce(strftime(timezone('UTC', {read}), '%Y-%m-%d %H:%M:%S{_fraction(mapping)}'), {_marked(column)})"
        )
    return f"coalesce({_local(column, read, zone, _fraction(mapping))}, {_marked(column)})"


def _local(column: str, local: str, zone: str, fraction: str = "") -> str:
    """A zone's clock to UTC. An hour that it never had, or had twice, is no moment."""
    at_utc = _shown(f"timezone('UTC', timezone({zone}, clock))", column, fraction)
    twice = " OR ".join(
        f"timezone({zone}, timezone({zone}, clock) {sign} INTERVAL {minutes} MINUTE) = clock"
        for sign in "+-"
        for minutes in (30, 60)
    )
    checked = (
        f"CASE WHEN timezone({zone}, timezone({zone}, clock)) <> clock THEN {column} || ', which the zone never had'"
        f" WHEN {twice} THEN {column} || ', which the zone had twice' ELSE {at_utc} END"
    )
    if zone == "'UTC'":
        checked = _shown("clock", column, fraction)
    # The lambda names the clock once; each mention would be worked out again.
    return f"list_transform([{local}], lambda clock: {checked})[1]"


def _shown(at_utc: str, column: str, fraction: str) -> str:
    """With a fraction where the column has one."""
    whole, exact = (f"strftime({at_utc}, '%Y-%m-%d %H:%M:%S{end}')" for end in ("", ".%f"))
    return (
        exact
        if fraction
        else f"CASE WHEN contains({column}, '.') AND strftime({at_utc}, '%f') <> '000000' THEN {exact} ELSE {whole} END"
    )


def _fraction(mapping: Mapping) -> str:
    return ".%f" if "%f" in mapping.time else ""


def _marked(column: str) -> str:
    """What is a moment in another form than the mapping says must not pass for one."""
    return f"CASE WHEN moment_of({column}) IS NULL THEN {column} ELSE {column} || ' is of another form' END"


def _lookup(value: str, word_by_word: dict[str, str], otherwise: str) -> str:
    cases = " ".join(f"WHEN {_quoted(name)} THEN {_quoted(word)}" for name, word in word_by_word.items())
    return f"CASE {value} {cases} ELSE {_quoted(otherwise)} END"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
