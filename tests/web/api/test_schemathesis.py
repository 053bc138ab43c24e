"""The description is true: what schemathesis makes of it, asked of the application, is answered as it says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from litestar import Litestar
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.web.api.api_world import key_for
from tests.web.demo_site import DESK
from tocsin.web.api import keys
from tocsin.web.app import make_desk
from tocsin.web.shared.limits import Limit
from tocsin.web.shared.site import Site

EXAMPLES = 25  # of each operation
OPERATIONS = 10


@pytest.fixture
def api(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, dict[str, str]]:
    """The application's own description, and the headers of a key that may do everything."""
    monkeypatch.setattr(keys, "PER_KEY", Limit(burst=100_000, per_s=10_000))
    monkeypatch.setattr(keys, "BAD_KEYS", Limit(burst=100_000, per_s=10_000))
    app: Litestar = make_desk(sqlite_site)
    host = {"Host": DESK.removeprefix("http://")}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=host)
    return schema, key_for(sqlite_site) | host


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_schemathesis_finds_nothing(api: tuple[Any, dict[str, str]], mode: GenerationMode) -> None:
    schema, headers = api
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == OPERATIONS
    faults = [fault for operation in operations for fault in _tried(operation, mode, headers)]
    assert faults == []


# Left out: whether everything is accepted that the description allows. A schema cannot say that a span of time is at
# most so long, that a cursor was ours, or that a body holds sightings.


def _tried(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> list[str]:
    """What was found at one operation."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    try:
        ask()
    except Unsatisfiable:  # an operation without parts has none that could be wrong
        return []
    except (FailureGroup, Failure) as error:
        return [f"{operation.label}: {error}" + "".join(f"\n{each}" for each in getattr(error, "exceptions", ()))]
    return []
