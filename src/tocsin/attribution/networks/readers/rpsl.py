"""The registries' databases as they publish them (RPSL): RIPE's, APNIC's and AFRINIC's, and everybody's routes."""

from __future__ import annotations

from tocsin.attribution.networks.staging import Source, Staging
from tocsin.engine import paragraphs, read_sql

OBJECT_BYTES_MAX = 1 << 20
_OBJECT_COLUMNS = (
    ("place", "UBIGINT"),
    ("first", "UUID"),
    ("last", "UUID"),
    ("handle", "VARCHAR"),
    ("origin", "UINTEGER"),
    ("country", "VARCHAR"),
    ("abuse_c", "VARCHAR"),
    ("org", "VARCHAR"),
    ("irt", "VARCHAR"),
    ("mailbox", "VARCHAR"),
)
_NAMES = ", ".join(name for name, _ in _OBJECT_COLUMNS)


def stage(staging: Staging) -> None:
    """All files first, since a network names its contact through objects of other files."""
    engine = staging.engine
    columns = ", ".join(f"{name} {kind}" for name, kind in _OBJECT_COLUMNS)
    engine.run(f"CREATE OR REPLACE TEMP TABLE rpsl_objects ({columns})")
    engine.run(read_sql(__package__, "rpsl_macros"))
    try:
        for source in staging.sources:
            _read(staging, source)
        staging.add_query(read_sql(__package__, "rpsl_contacts"))
    finally:
        engine.run("DROP TABLE IF EXISTS rpsl_objects; DROP TABLE IF EXISTS rpsl_read")


def _read(staging: Staging, source: Source) -> None:
    def refuse(line: int, start: bytes) -> None:
        seen = start.decode(errors="backslashreplace")
        staging.refuse(source, line, f"the object is longer than {OBJECT_BYTES_MAX} bytes", seen)

    engine = staging.engine
    reader = paragraphs(staging.blocks(source), refuse, bytes_max=OBJECT_BYTES_MAX)
    engine.add("network_paragraphs", reader)
    try:
        engine.run(f"CREATE OR REPLACE TEMP TABLE rpsl_read AS {read_sql(__package__, 'rpsl')}")
    finally:
        engine.drop("network_paragraphs")
    staging.refuse_rows(source, "(SELECT line, reject, concat(class, ': ', head) AS text FROM rpsl_read)")
    engine.run(
        f"INSERT INTO rpsl_objects BY NAME SELECT {_NAMES} FROM"
        f" (SELECT {source.place} + line AS place, first, last, handle, origin, country, abuse_c, org, irt, mailbox"
        " FROM rpsl_read WHERE reject IS NULL AND handle IS DISTINCT FROM '')"
    )
    engine.run("DROP TABLE rpsl_read")
