"""Files: what is found, what is not followed, and that what could not be looked at is told."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.scan.scan_world import BOT, RULE, codes, digest, scan, scanning
from tocsin.scan import places, walk, worker
from tocsin.scan.examiner import Examiner
from tocsin.scan.findings import printable
from tocsin.scan.limits import DEPTH_MAX, EXAMINERS_MAX
from tocsin.scan.places import within
from tocsin.scan.rules import RuleFile, load_rules, rule_paths
from tocsin.scan.scan import Asked
from tocsin.terms.errors import BadConfig, StorageFailed


def test_a_file_is_found_by_its_digest_and_by_a_rule(tmp_path: Path) -> None:
    (tmp_path / "bot").write_bytes(BOT)
    (tmp_path / "tool").write_bytes(b"a tool")
    (tmp_path / "letter").write_bytes(b"Dear grandmother")
    found = scan(tmp_path, hashes=(f"{digest(b'a tool')}  tool.exe",))
    assert [(f.code, Path(f.path).name, f.sha256) for f in found] == [
        ("rule-matched", "bot", digest(BOT)),
        ("listed-file", "tool", digest(b"a tool")),
    ]
    assert found[0].values["rule"] == "bots.yar: Bot"


def test_links_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "bot").write_bytes(BOT)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "folder").symlink_to(outside)
    (inside / "file").symlink_to(outside / "bot")
    assert scan(inside) == []


def test_a_folder_that_is_exchanged_for_a_link_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "bot").write_bytes(BOT)
    victim = tmp_path / "top" / "victim"
    victim.mkdir(parents=True)
    opened = places.open_folder

    def exchanged(name: str, folder: int | None = None, *, follow: bool = False) -> int:
        if name == "victim":
            victim.rmdir()
            victim.symlink_to(tmp_path / "outside")
        return opened(name, folder, follow=follow)

    monkeypatch.setattr(walk, "open_folder", exchanged)
    assert codes(scan(tmp_path / "top")) == ["unreadable"]


def test_pipes_and_sockets_are_passed_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        assert scan(tmp_path) == []
        assert codes(scan(tmp_path / "pipe")) == ["odd-file"]


def test_folders_deeper_than_the_bound_are_told(tmp_path: Path) -> None:
    at = tmp_path
    for _ in range(DEPTH_MAX):
        at = at / "d"
    at.mkdir(parents=True)
    (at / "bot").write_bytes(BOT)
    assert codes(scan(tmp_path)) == ["rule-matched"]
    (at / "d").mkdir()
    assert codes(scan(tmp_path)) == ["rule-matched", "too-deep"]


def test_a_folder_of_too_many_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "FOLDER_ENTRIES_MAX", 3)
    for number in range(3):
        (tmp_path / str(number)).write_bytes(BOT[:5])
    assert scan(tmp_path) == []
    (tmp_path / "3").write_bytes(BOT)
    assert codes(scan(tmp_path)) == ["too-many"]


def test_ones_own_rules_are_left_out(tmp_path: Path) -> None:
    rules = tmp_path / "bots.yar"
    rules.write_text(RULE.text)
    assert codes(scan(tmp_path)) == ["rule-matched"]
    status = rules.stat()
    assert codes(scan(tmp_path, skip=frozenset({(status.st_dev, status.st_ino)}))) == ["own-file"]


def test_when_the_time_is_up_it_says_so(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(BOT + name.encode())
    seconds = iter([1.0, 3_601.0])
    assert codes(scan(tmp_path, seconds=seconds)) == ["rule-matched", "time-up"]


def test_packed_files_are_said_not_to_be_opened(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 whatever")
    assert codes(scan(tmp_path)) == ["packed"]


def test_a_file_is_examined_once_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(BOT)
    os.link(tmp_path / "a", tmp_path / "b")
    with scanning(Asked((tmp_path, tmp_path))) as begun:
        assert codes(list(begun.findings())) == ["rule-matched", "other-names"]
        assert (begun.tally.files, begun.tally.size, begun.tally.verdict) == (1, len(BOT), "found")


def test_without_rules_and_lists_it_says_that_nothing_was_compared(tmp_path: Path) -> None:
    assert codes(scan(tmp_path, rules=())) == ["nothing-to-compare"]


def test_larger_files_are_said_to_be_seen_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner, started = worker._compiled((RULE,))
    assert started.rules == 1
    file = tmp_path / "file"
    file.write_bytes(BOT)
    fd = os.open(file, os.O_RDONLY)
    monkeypatch.setattr(worker, "RULE_BYTES_MAX", len(BOT))
    assert worker.examined(fd, scanner).left_out == ""
    monkeypatch.setattr(worker, "RULE_BYTES_MAX", len(BOT) - 1)
    assert worker.examined(fd, scanner) == worker.Examined(digest(BOT), len(BOT), ("bots.yar: Bot",), "partly")
    monkeypatch.setattr(worker, "HASH_BYTES_MAX", len(BOT) - 1)
    assert worker.examined(fd, scanner) == worker.Examined(size=len(BOT), left_out="too-large")
    os.close(fd)


def test_a_broken_rule_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "bot").write_bytes(BOT)
    broken = RuleFile("broken.yar", "rule A { condition: nothing_such }\nrule B { condition: true }")
    included = RuleFile("included.yar", 'include "/etc/passwd"')
    found = scan(tmp_path, rules=(broken, included, RULE))
    ignored = [f.values["rule"] for f in found if f.code == "rule-ignored"]
    assert ignored == ["broken.yar:1", "included.yar:1"]
    assert {f.values["rule"] for f in found if f.code == "rule-matched"} == {"broken.yar: B", "bots.yar: Bot"}


def test_rules_of_which_none_can_be_used_are_refused() -> None:
    with pytest.raises(BadConfig, match=r"bad.yar:1: syntax error"):
        Examiner((RuleFile("bad.yar", "rule {"),))


def test_rules_are_taken_from_folders_and_must_be_text(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.yar").write_text(RULE.text)
    (tmp_path / "readme.md").write_text("no rules")
    assert [rule.name for rule in load_rules(rule_paths([tmp_path]))] == ["a.yar"]
    (tmp_path / "deep" / "b.yar").write_bytes(b"YARA\xff\xfe")
    with pytest.raises(BadConfig, match="not text"):
        load_rules(rule_paths([tmp_path]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadConfig, match="holds no YARA rules"):
        rule_paths([tmp_path / "empty"])


def _breaking(action: str) -> list[str]:
    """An examiner that starts as it must and then does this at each file."""
    return [sys.executable, "-c", f'import os, sys, time; sys.stdin.read(); print("{{}}", flush=True); {action}']


def test_an_examiner_that_dies_or_hangs_is_replaced_and_the_file_told(tmp_path: Path) -> None:
    file = os.open(tmp_path / "file", os.O_RDONLY | os.O_CREAT)
    with Examiner(command=lambda fd: _breaking("os.abort()")) as examiner:
        assert [examiner.examine(file).left_out for _ in range(2)] == ["broke-examiner"] * 2
        assert examiner.replaced == 2
    with Examiner(command=lambda fd: _breaking("time.sleep(60)"), file_s_max=0.2) as examiner:
        assert examiner.examine(file).left_out == "too-slow"
    with Examiner(command=lambda fd: _breaking("os.abort()")) as examiner:
        examiner.replaced = EXAMINERS_MAX
        with pytest.raises(StorageFailed, match="died"):
            examiner.examine(file)
    os.close(file)


def test_the_examiner_cannot_write_files(tmp_path: Path) -> None:
    code = (
        "from tocsin.scan.worker import _bound_ourselves; import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"_bound_ourselves(); import os; os.write(os.open({str(tmp_path / 'x')!r}, os.O_WRONLY | os.O_CREAT), b'x')"
    )
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 1
    assert (tmp_path / "x").stat().st_size == 0


def test_places_on_a_disk_never_lead_off_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "up").symlink_to("../../../../etc/hostname")
    (tmp_path / "etc" / "round").symlink_to("round")
    (tmp_path / "lib").symlink_to("/usr/lib")
    assert within(tmp_path, "/etc/up") == tmp_path / "etc" / "hostname"
    assert within(tmp_path, "/lib/systemd/../x") == tmp_path / "usr" / "lib" / "x"
    assert within(tmp_path, "/../../x") == tmp_path / "x"
    assert within(tmp_path, "/etc/round") is None


def test_names_that_a_terminal_would_obey_are_spelled_out() -> None:
    assert printable("a\x1b[31mb\n\udcff") == "a\\x1b[31mb\\n\\xff"
    assert len(printable("x" * 10_000)) == 401
