"""Brings a book to a form: all of the way or nothing. Imported only when there is something to do: Alembic is slow."""

from __future__ import annotations

import io
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_FOLDER = Path(__file__).parent


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """To a newer form, inside the caller's transaction."""
    command.upgrade(_config(connection), to)


def downgrade(connection: sa.Connection, to: str = "base") -> None:
    """To an older form, inside the caller's transaction; what only the newer one held is lost."""
    command.downgrade(_config(connection), to)


def known_forms() -> list[str]:
    """Every form of which this version has heard, newest first."""
    script = ScriptDirectory.from_config(_config(None))
    return [revision.revision for revision in script.walk_revisions()]


def _config(connection: sa.Connection | None) -> Config:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
