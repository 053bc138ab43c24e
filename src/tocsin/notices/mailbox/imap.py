"""Folders of an IMAP server (RFC 3501): opened read-only, read by UID from where the last round ended."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from tocsin.mailcheck.limits import MAIL_BYTES_MAX
from tocsin.notices.config import MailboxConfig, is_loopback
from tocsin.notices.mailbox.letters import Letter, Place
from tocsin.terms.errors import Unreachable

AT_ONCE = 10
LETTERS_MAX = 5_000  # a round and folder; the rest waits for the next
_UIDS_AT_ONCE = 20_000  # of the numbers that a search looks through
_UID = re.compile(rb"\d{1,10}")
_LITERAL_BYTES_MAX = MAIL_BYTES_MAX + 65_536
_REMEDY = "mend [mailbox] or the server, then run again: nothing is lost and nothing is filed twice"

PlaceOf = Callable[[str], Place | None]


class ImapBox:
    """`place_of` says where reading goes on, by the name that letters of a folder have as their mailbox."""

    def __init__(self, config: MailboxConfig, password: str, place_of: PlaceOf, ca_file: str | None = None) -> None:
        self._config, self._password, self._place_of, self._ca_file = config, password, place_of, ca_file
        self._ours: list[str] = []
        self._gone: list[str] = []

    def batches(self) -> Iterator[Sequence[Letter]]:
        with self._problems(), self._signed_in() as imap:
            for folder in self._config.folders:
                self._ours, self._gone = [], []
                yield from self._folder(imap, folder)
                if self._config.mark_seen and self._ours:
                    _demand(imap.select(_quoted(folder)), "opens no folder to mark what was filed")
                    for uid in self._ours:
                        imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")
                if self._gone:
                    _demand(imap.select(_quoted(folder)), "opens no folder to delete what was answered")
                    for uid in self._gone:
                        imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
                    imap.expunge()

    def filed(self, letter: Letter, *, is_ours: bool) -> None:
        """It is marked at the end of its folder's reading; a mark that is lost on the way is lost for good."""
        if is_ours:
            self._ours.append(letter.name)

    def discard(self, letter: Letter) -> None:
        """It is deleted at the end of its folder's reading."""
        self._gone.append(letter.name)

    def _folder(self, imap: imaplib.IMAP4, folder: str) -> Iterator[Sequence[Letter]]:
        _demand(imap.select(_quoted(folder), readonly=True), f"has no folder {folder!r}")
        validity, following = _number(imap, "UIDVALIDITY"), _number(imap, "UIDNEXT")
        mailbox = f"imap://{self._config.user}@{self._config.host}/{folder}"[:300]
        place = self._place_of(mailbox)
        # RFC 3501 §2.3.1.1: with another validity the numbers mean other mails; the bytes of those filed are known.
        uid = place.uid if place is not None and place.uid_validity == validity else 0
        batch: list[Letter] = []
        for number in _uids(imap, uid, following):
            raw = _fetch(imap, number)
            if raw is not None:
                place = Place(validity, number)
                batch.append(Letter(mailbox=mailbox, name=str(number), raw=raw, place=place))
            if len(batch) >= AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch

    @contextmanager
    def _signed_in(self) -> Iterator[imaplib.IMAP4]:
        imap = self._connect()
        try:
            if "AUTH=PLAIN" in imap.capabilities:
                word = f"\0{self._config.user}\0{self._password}".encode()
                imap.authenticate("PLAIN", lambda _: word)
            else:
                imap.login(self._config.user, self._password)
            yield imap
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                imap.logout()

    def _connect(self) -> imaplib.IMAP4:
        config = self._config
        if config.tls == "implicit":
            return _BoundedSsl(config.host, config.server_port, ssl_context=self._context(), timeout=config.timeout_s)
        imap = _Bounded(config.host, config.server_port, timeout=config.timeout_s)
        if config.tls == "starttls":
            imap.starttls(self._context())  # raises where it is not offered
        elif not is_loopback(imap.sock.getpeername()[0]):
            imap.shutdown()
            raise OSError(f"{config.host} is not this machine, and tls is none")
        return imap

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
        return context

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            said = "".join(sign if sign.isprintable() else "?" for sign in str(error))[:200]
            where = f"{self._config.host}:{self._config.server_port}"
            said = said.replace(self._password, "***") if self._password else said
            raise Unreachable(f"the mailbox cannot be read: {said}", where=where, remedy=_REMEDY) from error


class _Bounded(imaplib.IMAP4):
    """A server may announce a text of any length; imaplib would wait for all of it."""

    def read(self, size: int) -> bytes:
        if size > _LITERAL_BYTES_MAX:
            raise self.abort(f"the server sends {size} bytes at once")
        return super().read(size)


class _BoundedSsl(_Bounded, imaplib.IMAP4_SSL):
    pass


def _uids(imap: imaplib.IMAP4, after: int, following: int) -> Iterator[int]:
    """In order, at most LETTERS_MAX, searched for in steps so that no answer is endless."""
    found = 0
    for first in range(after + 1, following, _UIDS_AT_ONCE):
        last = min(first + _UIDS_AT_ONCE, following) - 1
        answer = _demand(imap.uid("SEARCH", "UID", f"{first}:{last}"), "does not search")
        numbers = sorted(int(word) for word in b" ".join(answer).split() if _UID.fullmatch(word))
        for number in numbers:
            if not first <= number <= last:
                continue
            found += 1
            if found > LETTERS_MAX:
                return
            yield number


def _fetch(imap: imaplib.IMAP4, uid: int) -> bytes | None:
    """At most so much as is ever looked at; None when it has gone since. PEEK: it stays unread."""
    answer = _demand(imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MAIL_BYTES_MAX}>)"), "does not fetch")
    pieces = [piece[1] for piece in answer if isinstance(piece, tuple) and len(piece) > 1]
    return bytes(pieces[0]) if pieces else None


def _number(imap: imaplib.IMAP4, name: str) -> int:
    _, values = imap.response(name)
    value = values[-1] if values else None
    if value is None or not _UID.fullmatch(value):
        raise imap.error(f"the server names no {name}")
    return int(value)


def _demand(answer: tuple[str, Sequence[object]], complaint: str) -> list[bytes]:
    said, values = answer
    if said != "OK":
        raise imaplib.IMAP4.error(f"the server {complaint}")
    return [value for value in values if value is not None]  # type: ignore[misc]  # bytes, or pairs of them


def _quoted(folder: str) -> str:
    """Modified UTF-7 (RFC 3501 §5.1.3) is the configuration's own business; quotes are ours."""
    return f'"{folder}"'
