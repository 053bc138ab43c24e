from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.book.conftest import book_url, debian_postgres, postgres
from tests.delivery import post_office
from tests.delivery.certificates import Trust, make_trust
from tests.delivery.scripted import Scripted
from tocsin.pipeline.house import House

__all__ = ["book_url", "debian_postgres", "postgres"]

OpenOffice = Callable[..., House]


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return make_trust(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def office(tmp_path: Path, trust: Trust) -> Iterator[OpenOffice]:
    """A house that delivers to this server; with queued notices."""
    with ExitStack() as stack:

        def make(
            server: Scripted | int, *, notices: int = 1, tls: str = "none", more: str = "", book_url: str = ""
        ) -> House:
            port = server if isinstance(server, int) else server.port
            section = (
                f'[delivery]\nvia = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = "{tls}"\ntimeout_s = 2\n'
                f'dot_timeout_s = 2\nper_minute = 100000\nca_file = "{trust.ca}"\n{more}'
            )
            post_office.found(tmp_path / "provider", section, book_url=book_url)
            house = stack.enter_context(post_office.open_house(tmp_path / "provider"))
            post_office.queue(house, *range(1, notices + 1))
            return house

        yield make
