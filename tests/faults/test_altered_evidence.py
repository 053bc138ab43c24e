"""Evidence whose stored bytes were altered is never read as what a source has said."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import small_provider
from tests.faults.trials import differences, open_house
from tocsin.cli.main import main
from tocsin.evidence.store import keep
from tocsin.pipeline.dump import dump
from tocsin.terms.moments import format_moment

NOW = format_moment(small_provider.RUNS[1])
ONE, ANOTHER = (small_provider.STATIC[f"s{number:02}@isp.example"].encode() for number in (2, 3))


def _blame_another(path: Path) -> None:
    raw = path.read_bytes()
    assert len(ONE) == len(ANOTHER)
    assert ONE in raw
    path.write_bytes(raw.replace(ONE, ANOTHER))


ALTERATIONS: dict[str, Callable[[Path], object]] = {
    "another address of the same length": _blame_another,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "a row more": lambda path: path.write_bytes(path.read_bytes() + path.read_bytes().splitlines()[-1]),
    "emptied": lambda path: path.open("wb").close(),
}


def _run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["tocsin", "run", "--now", NOW, "--config", str(folder / "tocsin.toml")])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.mark.parametrize("alter", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_evidence_altered_before_it_was_read_stops_the_run_and_is_named(
    history: Path,
    provider: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    alter: Callable[[Path], object],
) -> None:
    kept = keep(provider / "data", provider / "feeds" / "2-event4_sinkhole.csv")  # by a run that was killed after it
    kept.path.chmod(0o640)
    alter(kept.path)
    altered = kept.path.read_bytes()
    assert _run(provider, monkeypatch) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert all(part in said for part in (str(kept.path), "altered", "run again")), said
    assert kept.path.read_bytes() == altered  # whoever asks who did it needs it as it is
    kept.path.rename(provider / "altered")
    assert _run(provider, monkeypatch) == 0
    with open_house(provider, 2) as house:
        found = b"".join(dump(house.book, house.lake, house.maildir))
    assert differences(found, provider, history, 2) == []


def test_evidence_altered_after_it_was_read_is_named_by_the_next_run(
    provider: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(provider, monkeypatch) in (0, 1)
    kept = keep(provider / "data", provider / "feeds" / "2-event4_sinkhole.csv")
    kept.path.chmod(0o640)
    _blame_another(kept.path)
    capsys.readouterr()
    assert _run(provider, monkeypatch) == 2
    assert str(kept.path) in capsys.readouterr().err
