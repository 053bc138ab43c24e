"""What programs may ask, under /api/v1: one table."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get
from litestar.openapi import OpenAPIConfig

from tocsin import __version__

OPENAPI = OpenAPIConfig(title="Tocsin", version=__version__, path="/api/v1/schema", use_handler_docstrings=True)


class Health(msgspec.Struct, frozen=True):
    """Whether it is up."""

    status: str


@get("/api/v1/health", sync_to_thread=False)
def health() -> Health:
    """Whether the service is up."""
    return Health("up")


ROUTES: list[Any] = [health]
