"""A maildir that a mail server delivers into. Its files are moved only once they are filed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tocsin.mailcheck.limits import MAIL_BYTES_MAX
from tocsin.notices.mailbox.letters import Letter
from tocsin.terms.errors import StorageFailed

AT_ONCE = 20
LETTERS_MAX = 5_000  # a round; the rest waits for the next


class MaildirBox:
    """Reads `new`. A filed mail goes to `cur` marked as seen, one that is not ours without a mark."""

    def __init__(self, maildir: Path) -> None:
        self._maildir = maildir

    def batches(self) -> Iterator[Sequence[Letter]]:
        try:
            names = sorted(
                entry.name for entry in os.scandir(self._maildir / "new") if entry.is_file(follow_symlinks=False)
            )
        except OSError as error:
            raise _failed(self._maildir, error) from error
        names = [name for name in names if not name.startswith(".")][:LETTERS_MAX]
        for first in range(0, len(names), AT_ONCE):
            yield [letter for name in names[first : first + AT_ONCE] if (letter := self._read(name))]

    def filed(self, letter: Letter, *, is_ours: bool) -> None:
        base = letter.name.partition(":")[0]
        target = self._maildir / "cur" / f"{base}:2,{'S' if is_ours else ''}"
        with suppress(FileNotFoundError):  # another process was first, or a mail program
            try:
                target.parent.mkdir(exist_ok=True)
                (self._maildir / "new" / letter.name).rename(target)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise _failed(self._maildir, error) from error

    def discard(self, letter: Letter) -> None:
        """It is deleted, not moved."""
        try:
            (self._maildir / "new" / letter.name).unlink(missing_ok=True)
        except OSError as error:
            raise _failed(self._maildir, error) from error

    def _read(self, name: str) -> Letter | None:
        """None when it has gone since."""
        try:
            handle = os.open(self._maildir / "new" / name, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                return Letter(mailbox=str(self._maildir), name=name, raw=file.read(MAIL_BYTES_MAX))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(self._maildir, error) from error


def _failed(maildir: Path, error: OSError) -> StorageFailed:
    what = f"the maildir cannot be read: {error.strerror or error}"
    return StorageFailed(what, where=str(maildir), remedy="mend the folder or [mailbox] maildir, then run again")
