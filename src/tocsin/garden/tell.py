"""Telling an access server: the one place that picks the way and reads the secret."""

from __future__ import annotations

from pathlib import Path

from tocsin.garden.answers import Answer
from tocsin.garden.config import GardenSection, NasSection
from tocsin.garden.hooks import tell_by_command, tell_by_http
from tocsin.garden.order import Order
from tocsin.terms.errors import BadConfig

_SECRET_BYTES_MAX = 4096


def tell(config: GardenSection, order: Order, folder: Path) -> Answer:
    """Do what the order says, by the way of its access server. `folder` is that of the configuration file."""
    nas = config.nas_of(order.nas)
    if nas is None:
        return Answer(next="person", words=f"[garden.nas] does not say how {order.nas!r:.60} is told", sent=False)
    if nas.via == "command":
        return tell_by_command(nas, order)
    if nas.via == "http":
        return tell_by_http(nas, order, _secret(nas, folder).decode() if nas.secret_file else "")
    from tocsin.garden.coa import tell_by_radius  # noqa: PLC0415 - pyrad is an extra

    return tell_by_radius(nas, order, _secret(nas, folder), folder)


def _secret(nas: NasSection, folder: Path) -> bytes:
    """The file's first line. BadConfig when it is not there, empty, or anybody can read it."""
    path, where = folder / Path(nas.secret_file).expanduser(), f"garden.nas.{nas.name}.secret_file"
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()[:_SECRET_BYTES_MAX].partition(b"\n")[0].strip()
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror}", where=where) from error
    if mode & 0o007:
        raise BadConfig("everybody on this machine can read it", where=where, remedy=f"chmod 640 {path.name}")
    if not text:
        raise BadConfig("it is empty", where=where)
    return text
