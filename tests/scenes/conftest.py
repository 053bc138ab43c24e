"""`scenes(ISP(...))` gives a provider of its own to whoever asks; what each begins with is made once a process."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.scenes.scene import ISP, Scene, copied, found

Scenes = Callable[..., Scene]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[ISP], Scene]:
    made: dict[ISP, Scene] = {}

    def template(isp: ISP) -> Scene:
        if isp not in made:
            made[isp] = found(tmp_path_factory.mktemp("isp"), isp)
        return made[isp]

    return template


@pytest.fixture
def scenes(templates: Callable[[ISP], Scene], tmp_path: Path) -> Scenes:
    numbers = count()

    def make(isp: ISP = ISP()) -> Scene:  # noqa: B008 - it is frozen
        return copied(templates(isp), tmp_path / f"isp-{next(numbers)}")

    return make


@pytest.fixture
def scene(scenes: Scenes) -> Scene:
    """The plainest provider."""
    return scenes()
