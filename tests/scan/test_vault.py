"""The vault: what goes in comes out as it was, and whoever is killed meanwhile has lost nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.scan.scan_world import BOT, NOW, codes, digest, scan
from tocsin.scan import sealed, vault
from tocsin.scan.limits import SEALED_CHUNK_BYTES
from tocsin.scan.places import meet
from tocsin.scan.vault import Changed, Vault, is_system
from tocsin.terms.errors import BadRequest, Busy, Refused, StorageFailed

BIG = bytes(range(256)) * (SEALED_CHUNK_BYTES // 128) + b"the end"


@pytest.fixture
def kept(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def _put(kept: Vault, file: Path) -> str:
    with kept.open(), meet(file) as met:
        return kept.take(met, digest(file.read_bytes()), "Bot", NOW).id


@pytest.mark.parametrize("content", [BOT, BIG, b"x" * SEALED_CHUNK_BYTES], ids=["small", "large", "one piece"])
def test_what_goes_in_comes_out_as_it_was(kept: Vault, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "naïve \udcff name"
    file.write_bytes(content)
    file.chmod(0o4751)
    os.utime(file, ns=(1_700_000_000_000_000_001, 1_600_000_000_000_000_003))
    before = file.stat()
    name = _put(kept, file)
    assert not file.exists()
    assert b"this-is-the-bot" not in (kept.folder / f"{name}.sealed").read_bytes()
    with kept.open():
        held, is_same = kept.undo(name)
    after = file.stat()
    assert (file.read_bytes(), is_same, held.why) == (content, True, "Bot")
    assert (after.st_mode, after.st_mtime_ns, after.st_uid) == (before.st_mode, before.st_mtime_ns, before.st_uid)
    assert [(entry.id, is_here) for entry, is_here in kept.held()] == [(name, False)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file.name, "vault"])


def test_only_its_owner_can_read_the_vault(kept: Vault, tmp_path: Path) -> None:
    (tmp_path / "bot").write_bytes(BOT)
    _put(kept, tmp_path / "bot")
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.folder.iterdir()} == {0o600}


def test_an_undo_overwrites_nothing(kept: Vault, tmp_path: Path) -> None:
    file = tmp_path / "bot"
    file.write_bytes(BOT)
    name = _put(kept, file)
    file.write_bytes(b"something of today")
    with kept.open(), pytest.raises(Refused, match="something else lies there"):
        kept.undo(name)
    assert file.read_bytes() == b"something of today"
    file.unlink()
    with kept.open():
        kept.undo(name)
        with pytest.raises(BadRequest, match="has no"):
            kept.undo(name)
    assert file.read_bytes() == BOT


def test_a_file_that_changed_since_it_was_examined_stays(kept: Vault, tmp_path: Path) -> None:
    file = tmp_path / "bot"
    file.write_bytes(BOT)
    with kept.open(), meet(file) as met:
        file.write_bytes(BOT + b"!")
        with pytest.raises(Changed):
            kept.take(met, digest(BOT), "Bot", NOW)
    with kept.open(), meet(file) as met:
        file.rename(tmp_path / "elsewhere")
        file.write_bytes(b"an innocent file of the same name")
        with pytest.raises(Changed):
            kept.take(met, digest(BOT + b"!"), "Bot", NOW)
    assert file.read_bytes() == b"an innocent file of the same name"
    assert kept.held() == []


def test_two_scans_do_not_use_one_vault_at_once(kept: Vault) -> None:
    with kept.open(), pytest.raises(Busy), Vault(kept.folder).open():
        pass


def test_what_was_changed_cut_or_sealed_by_another_key_does_not_open(kept: Vault, tmp_path: Path) -> None:
    key = bytes(32)
    head = sealed.Held("Q1", b"/x", "", 1, 0o600, 0, 0, 0, 0, "", "")
    out = BytesIO()
    sealed.write_sealed(out, key, head, iter([b"one", b"two"]))
    whole = out.getvalue()
    assert list(sealed.read_sealed(BytesIO(whole), key)) == [b"one", b"two"]
    last = 4 + 3 + 16
    swapped = whole[: -2 * last] + whole[-last:] + whole[-2 * last : -last]
    for broken in (whole[:-last], whole[:-1], whole[:-1] + b"\0", swapped, whole + whole[-last:]):
        with pytest.raises(StorageFailed):
            list(sealed.read_sealed(BytesIO(broken), key))
    with pytest.raises(StorageFailed):
        list(sealed.read_sealed(BytesIO(whole), b"k" * 32))
    with pytest.raises(StorageFailed, match="no file of a vault"):
        sealed.read_head(BytesIO(b"MZ"), key)
    with pytest.raises(StorageFailed):
        sealed.read_head(BytesIO(whole[:40]), key)


STEPS = ("open", "fsync", "unlink", "link", "rename")


def _killing(number: int, before: bool, work: Callable[[], object]) -> None:
    """Do the work, and kill this process at the step of that number, before or after it."""
    passed = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **more: Any) -> Any:
            nonlocal passed
            passed += 1
            if before and passed == number:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = original(*arguments, **more)
            if not before and passed == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return step

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    work()
    os._exit(0)


def _killed(number: int, before: bool, work: Callable[[], object]) -> bool:
    """Whether it was killed, rather than having come to its end."""
    child = multiprocessing.get_context("fork").Process(target=_killing, args=(number, before, work))
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode != 0


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_killed_move_is_complete_or_not_begun(tmp_path: Path, before: bool) -> None:
    kills = 0
    for number in range(1, 100):
        kept, file = Vault(tmp_path / f"v{number}"), tmp_path / f"f{number}"
        file.write_bytes(BOT)
        if not _killed(number, before, lambda kept=kept, file=file: _put(kept, file)):  # type: ignore[misc]
            break
        kills += 1
        with kept.open():
            held = [entry for entry, is_here in kept.held() if is_here]
            assert file.exists() != bool(held), number
            assert not list(kept.folder.glob("*.begun"))
            for entry in held:
                kept.undo(entry.id)
        assert file.read_bytes() == BOT
    assert kills >= 10


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_killed_undo_loses_nothing_and_can_be_made_again(tmp_path: Path, before: bool) -> None:
    kills = 0
    for number in range(1, 100):
        kept, file = Vault(tmp_path / f"v{number}"), tmp_path / f"f{number}"
        file.write_bytes(BOT)
        name = _put(kept, file)

        def undo(kept: Vault = kept, name: str = name) -> None:
            with kept.open():
                kept.undo(name)

        if not _killed(number, before, undo):
            break
        kills += 1
        if [is_here for _, is_here in kept.held()] == [True]:
            undo()
        assert sha256(file.read_bytes()).hexdigest() == digest(BOT)
    assert kills >= 5


def test_a_scan_moves_what_is_bad_and_nothing_else(kept: Vault, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "bot").write_bytes(BOT)
    (there / "letter").write_bytes(b"Dear grandmother")
    with kept.open():
        assert codes(scan(there, vault=kept)) == ["rule-matched", "moved"]
    assert [path.name for path in there.iterdir()] == ["letter"]


def test_a_part_of_the_system_is_told_and_stays(kept: Vault, tmp_path: Path) -> None:
    from tocsin.scan.scan import Asked

    program = tmp_path / "disk" / "usr" / "bin" / "login"
    program.parent.mkdir(parents=True)
    program.write_bytes(BOT)
    with kept.open():
        asked = Asked((program.parent,), disk=tmp_path / "disk")
        assert "system-file" in codes(scan(asked, vault=kept))
    assert program.read_bytes() == BOT


@pytest.mark.parametrize(
    ("path", "base", "answer"),
    [
        ("/usr/bin/ls", "/", True),
        ("/usr/local/bin/bot", "/", False),
        ("/home/a/usr/bin/bot", "/", False),
        ("/mnt/Windows/System32/x.dll", "/mnt", True),
        ("/mnt/Users/a/x.exe", "/mnt", False),
    ],
)
def test_what_belongs_to_the_system(path: str, base: str, answer: bool) -> None:
    assert is_system(path, base) is answer


def test_a_full_disk_leaves_the_file_where_it_is(kept: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bot"
    file.write_bytes(BOT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vault, "write_sealed", full)
    with kept.open(), meet(file) as met, pytest.raises(StorageFailed, match="No space left"):
        kept.take(met, digest(BOT), "Bot", NOW)
    assert file.read_bytes() == BOT
    assert not list(kept.folder.glob("Q*"))
