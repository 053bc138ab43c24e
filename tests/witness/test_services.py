"""Every service's golden log, and what the witness says of it, line by line.

In the logs 203.0.113.0/24 stands only where an attacker wrote it himself, to have somebody else accused.
After a change that is meant: `python -m tests.witness.test_services` writes the golden files anew; read the difference.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest

from tests.witness.world import addresses, watched
from tocsin.engine import Engine
from tocsin.evidence.stamps import Stamps
from tocsin.terms.errors import BadRequest
from tocsin.witness import services as watching
from tocsin.witness.blocks import whole_lines
from tocsin.witness.match import Sight, findings
from tocsin.witness.own import Clients, Spared
from tocsin.witness.services import NAMES, service_named, watch_for

GOLDEN = Path(__file__).parent / "golden"


def told(engine: Engine, name: str) -> str:
    lines = watched(engine, (GOLDEN / f"{name}.log").read_text(), services=(name,))
    return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_watching_gives_what_is_written_beside_it(engine: Engine, name: str) -> None:
    assert told(engine, name) == (GOLDEN / f"{name}.jsonl").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_a_line_in_the_golden_log(name: str) -> None:
    watch = watch_for((name,))
    sight = Sight(watch, Stamps(None), Clients(Spared()))
    found = [f for block in whole_lines([(GOLDEN / f"{name}.log").read_bytes()]) for f in findings(block, sight)]
    matched = {watch.rules[int(str(finding[1]))].rule.name for finding in found}
    assert matched == {rule.name for rule in service_named(name).rules}


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_accused_by_what_an_attacker_wrote(engine: Engine, name: str) -> None:
    lines = watched(engine, (GOLDEN / f"{name}.log").read_text())
    assert lines
    assert not [each for each in addresses(lines) if str(each).startswith("203.0.113.")]


def test_there_is_a_data_file_and_a_golden_log_for_each_service() -> None:
    services = Path(watching.__file__).with_name("services")
    assert {path.stem for path in services.glob("*.toml")} == set(NAMES)
    assert {path.stem for path in GOLDEN.glob("*.log")} == set(NAMES)


def test_a_service_that_is_not_known_is_named_with_those_that_are() -> None:
    with pytest.raises(BadRequest, match=r"no such service: 'telnetd'.*sshd"):
        watch_for(("telnetd",))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder)) as writing:
        for each in NAMES:
            (GOLDEN / f"{each}.jsonl").write_text(told(writing, each))
