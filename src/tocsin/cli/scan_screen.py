"""The answer of `tocsin scan`: on a terminal, and as JSON lines."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from tocsin.cli.wrapping import wrapped
from tocsin.scan.findings import Finding, Weight, printable
from tocsin.scan.scan import Scan, Tally
from tocsin.scan.sealed import Held
from tocsin.scan.wording import BLIND, page_word, text_of

_COLOURS = {"found": "red", "suspicious": "yellow", "nothing": None}
_WIDTH_MAX = 100
_SHOWN_MAX: dict[Weight, int] = {"bad": 200, "suspicious": 100, "noted": 20, "unseen": 12}
_COUNTED = ("starts", "packed", "running-deleted", "own-file", "odd-file")  # told by --json one by one


def show(scan: Scan, found: list[Finding], language: str, vault: Path | None) -> None:
    width, verdict = min(shutil.get_terminal_size((80, 24)).columns, _WIDTH_MAX), scan.tally.verdict
    label = f" {page_word(f'verdict_{verdict}', language).upper()} "
    click.secho(label, fg="black", bg=_COLOURS[verdict] or "white", bold=True)
    _say(page_word("counts", language, **_counts(scan.tally)), width)
    for weight in ("bad", "suspicious", "noted", "unseen"):
        _part(weight, [finding for finding in found if finding.weight == weight], language, width)
    if vault is not None and any(finding.code == "moved" for finding in found):
        _say(page_word("moved_to", language, folder=str(vault)), width)
    click.echo()
    _say(page_word(f"do_{verdict}", language), width, bold=verdict != "nothing")
    click.echo()
    click.secho(page_word("blind_title", language), bold=True)
    for name in BLIND:
        _say(page_word(name, language), width, "· ")


def _part(weight: Weight, found: list[Finding], language: str, width: int) -> None:
    shown = [finding for finding in found if finding.code not in _COUNTED]
    if not shown:
        return
    click.echo()
    click.secho(page_word(weight, language), bold=True)
    for finding in shown[: _SHOWN_MAX[weight]]:
        place = finding.values.get("place") or printable(finding.path)
        if place:
            _say(place + (f" (PID {finding.pid})" if finding.pid else ""), width, "  ")
        _say(text_of(finding, language), width, "    " if place else "  ")
        if finding.weight == "bad" and finding.sha256:
            click.secho(f"    {finding.sha256}", dim=True)
    if len(shown) > _SHOWN_MAX[weight]:
        click.secho(f"  {page_word('more', language, count=str(len(shown) - _SHOWN_MAX[weight]))}", dim=True)


def print_lines(scan: Scan, language: str) -> list[Finding]:
    """A line for each finding as it is found; at last one with the verdict and the counts."""
    told = []
    for finding in scan.findings():
        told.append(finding)
        _line({"code": finding.code, "weight": finding.weight, "text": text_of(finding, language)} | _known(finding))
    weights = Counter(finding.weight for finding in told)
    blind = [page_word(name, language) for name in BLIND]
    counted = {name: value for name, value in msgspec.to_builtins(scan.tally).items() if name not in ("found", "size")}
    _line(counted | {"bytes": scan.tally.size, "findings": dict(weights), "cannot_see": blind})
    return told


def show_held(held: Iterable[tuple[Held, bool]], language: str, *, as_json: bool) -> None:
    entries = list(held)
    for entry, is_here in entries:
        path = printable(entry.path.decode("utf-8", "surrogateescape"))
        if as_json:
            state = "held" if is_here else "restored"
            _line({"id": entry.id, "state": state, "path": path, "sha256": entry.sha256, "bytes": entry.size,
                   "taken_at": entry.taken_at, "why": entry.why})  # fmt: skip
        else:
            state = page_word("held_here" if is_here else "held_back", language)
            click.echo(f"{entry.id}  {entry.taken_at}  {state}  {path}  ({entry.why})")
    if not entries and not as_json:
        click.echo(page_word("held_none", language))


def show_undone(held: Held, is_same: bool, language: str, *, as_json: bool) -> None:
    path = printable(held.path.decode("utf-8", "surrogateescape"))
    if as_json:
        _line({"id": held.id, "state": "restored", "path": path, "sha256": held.sha256, "same": is_same})
    else:
        click.echo(page_word("undone" if is_same else "undone_partly", language, path=path))


def _known(finding: Finding) -> dict[str, object]:
    known = {"path": printable(finding.path), "sha256": finding.sha256, "pid": finding.pid, **finding.values}
    return {name: value for name, value in known.items() if value}


def _counts(tally: Tally) -> dict[str, str]:
    return {
        "files": f"{tally.files:,}",
        "bytes": f"{tally.size / 1_000_000:,.1f}",
        "entries": f"{tally.entries:,}",
        "programs": f"{tally.programs:,}",
    }


def _say(text: str, width: int, indent: str = "", *, bold: bool = False) -> None:
    for number, line in enumerate(wrapped(text, width - len(indent))):
        click.secho((indent if number == 0 else " " * len(indent)) + line, bold=bold)


def _line(fields: dict[str, object]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(fields) + b"\n")
