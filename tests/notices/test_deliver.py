from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.notices.notice_world import FACTS, sealed
from tocsin.notices.deliver import DeliveryResult, MaildirDeliverer, maildir_name
from tocsin.terms.errors import StorageFailed


def mails(maildir: Path) -> list[Path]:
    return sorted(path for folder in ("new", "cur") for path in (maildir / folder).iterdir())


def in_a_child(work: Callable[[], None]) -> int:
    """What a process that does this work ends with; 9 when it was killed on the way."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except StorageFailed:
            os._exit(3)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_mail_is_named_by_its_message_id_and_holds_every_byte(tmp_path: Path) -> None:
    mail = sealed()
    assert MaildirDeliverer(tmp_path / "box").deliver(mail).result is DeliveryResult.DELIVERED
    (path,) = mails(tmp_path / "box")
    assert path == tmp_path / "box" / "new" / mail.message_id.strip("<>")
    assert path.read_bytes() == f"Return-Path: <{mail.envelope_from}>\r\n".encode() + mail.raw
    assert path.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "box" / "tmp").iterdir()) == []


def test_delivering_twice_adds_nothing(tmp_path: Path) -> None:
    mail, door = sealed(), MaildirDeliverer(tmp_path)
    door.deliver(mail)
    before = mails(tmp_path)[0].stat()
    for again in (door, MaildirDeliverer(tmp_path)):
        assert again.deliver(mail).result is DeliveryResult.DELIVERED
    (path,) = mails(tmp_path)
    assert path.stat().st_ino == before.st_ino


def test_a_mail_that_was_read_meanwhile_is_not_delivered_again(tmp_path: Path) -> None:
    mail = sealed()
    MaildirDeliverer(tmp_path).deliver(mail)
    (path,) = mails(tmp_path)
    path.rename(tmp_path / "cur" / f"{path.name}:2,S")
    MaildirDeliverer(tmp_path).deliver(mail)
    assert len(mails(tmp_path)) == 1


def test_two_doors_to_one_maildir_write_one_mail(tmp_path: Path) -> None:
    first, second = MaildirDeliverer(tmp_path), MaildirDeliverer(tmp_path)
    assert first.deliver(sealed()).reason == "written"
    assert second.deliver(sealed()).reason == "it was there already"
    assert len(mails(tmp_path)) == 1


def test_two_notices_are_two_mails(tmp_path: Path) -> None:
    door = MaildirDeliverer(tmp_path)
    door.deliver(sealed())
    door.deliver(sealed(replace(FACTS, name="Anna Webers")))
    assert len(mails(tmp_path)) == 2


@pytest.mark.parametrize("step", ["fsync", "link", "unlink"])
def test_a_kill_at_any_step_leaves_a_whole_mail_or_none(tmp_path: Path, step: str) -> None:
    mail, whole = sealed(), MaildirDeliverer(tmp_path / "other")
    whole.deliver(mail)
    MaildirDeliverer(tmp_path / "box")

    def killed(*_: object, **__: object) -> None:
        os._exit(9)

    def work() -> None:
        door = MaildirDeliverer(tmp_path / "box")
        setattr(os, step, killed)
        door.deliver(mail)

    assert in_a_child(work) == 9
    expected = mails(tmp_path / "other")[0].read_bytes()
    assert [path.read_bytes() for path in mails(tmp_path / "box")] in ([], [expected])
    MaildirDeliverer(tmp_path / "box").deliver(mail)
    assert [path.read_bytes() for path in mails(tmp_path / "box")] == [expected]


def test_a_disk_that_takes_no_more_bytes_leaves_nothing_behind(tmp_path: Path) -> None:
    """The bound on a file's size stands for the full disk: the kernel takes the first bytes and refuses the rest."""
    mail = sealed()

    def work() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        door = MaildirDeliverer(tmp_path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
        door.deliver(mail)

    assert in_a_child(work) == 3
    assert mails(tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_a_failing_disk_is_named_and_nothing_half_stands_in_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    door = MaildirDeliverer(tmp_path)

    def failing(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StorageFailed, match=os.strerror(number)):
        door.deliver(sealed())
    monkeypatch.undo()
    assert mails(tmp_path) == []
    assert door.deliver(sealed()).reason == "written", "the next run puts it right"


def test_a_file_system_without_links_is_served_by_renaming(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    assert MaildirDeliverer(tmp_path).deliver(sealed()).reason == "written"
    assert len(mails(tmp_path)) == 1


def test_a_file_where_the_maildir_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "box").write_text("not a folder")
    with pytest.raises(StorageFailed, match="box"):
        MaildirDeliverer(tmp_path / "box")


@pytest.mark.parametrize(
    "message_id", ["<../../etc/passwd@x>", "<.hidden@x>", "<a:2,S@x>", "<\ud800>", "<" + "x" * 300]
)
def test_a_message_id_never_leaves_the_folder(message_id: str) -> None:
    name = maildir_name(message_id)
    assert name.isalnum()
    assert len(name) == 64
