"""How notices leave, and where what comes back is read: the `[delivery]` and `[mailbox]` parts of the configuration."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.terms.errors import BadConfig

Tls = Literal["starttls", "implicit", "none"]
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?", re.ASCII)
_PLAIN = re.compile(r"[\x21-\x7e]{0,200}", re.ASCII)
_FOLDER = re.compile(r'[^\x00-\x1f\x7f"\\]{1,200}')
_SUBMISSION_PORTS: dict[Tls, int] = {"starttls": 587, "implicit": 465, "none": 25}  # RFC 6409, RFC 8314
_IMAP_PORTS: dict[Tls, int] = {"starttls": 143, "implicit": 993, "none": 143}
_PASSWORD_BYTES_MAX = 1_024


class DeliveryConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A maildir unless said otherwise: nothing goes on the net that nobody has asked for."""

    via: Literal["maildir", "smtp"] = "maildir"
    maildir: str = "outbox"
    host: str = ""
    port: int = 0  # 0: the usual one of `tls`
    tls: Tls = "starttls"
    ca_file: str = ""  # who vouches for the server, where the system's list does not
    user: str = ""
    password_file: str = ""
    greeting: str = ""  # the name in EHLO; the issuer's domain unless said otherwise
    per_minute: int = 300
    timeout_s: int = 60
    dot_timeout_s: int = 600  # RFC 5321 §4.5.3.2.6
    verp: bool = True

    def __post_init__(self) -> None:
        if self.via == "smtp":
            check_server("delivery", self.host, self.port, self.tls)
        check_login("delivery", self.user, self.password_file)
        if not _PLAIN.fullmatch(self.greeting):
            raise BadConfig(f"not a host's name: {self.greeting!r:.80}", where="delivery.greeting")
        for name, most in (("per_minute", 100_000), ("timeout_s", 3_600), ("dot_timeout_s", 3_600)):
            _demand("delivery", name, getattr(self, name), most)

    @property
    def server_port(self) -> int:
        return self.port or _SUBMISSION_PORTS[self.tls]


class MailboxConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No mailbox is read unless one is named."""

    via: Literal["none", "maildir", "imap"] = "none"
    maildir: str = ""
    host: str = ""
    port: int = 0
    tls: Tls = "implicit"
    ca_file: str = ""
    user: str = ""
    password_file: str = ""
    folders: tuple[str, ...] = ("INBOX",)
    mark_seen: bool = True  # those that were filed
    timeout_s: int = 60
    minutes: int = 5  # between two looks, by `tocsin serve`
    keep_days: int = 90  # how long the bytes of what was filed are kept

    def __post_init__(self) -> None:
        if self.via == "maildir" and not self.maildir:
            raise BadConfig("no maildir is named", where="mailbox.maildir", remedy='write maildir = "inbox"')
        if self.via == "imap":
            check_server("mailbox", self.host, self.port, self.tls)
            if not self.user or not self.password_file:
                raise BadConfig("nobody reads a mailbox without a login", where="mailbox.user")
        check_login("mailbox", self.user, self.password_file)
        if not self.folders or not all(_FOLDER.fullmatch(folder) for folder in self.folders):
            raise BadConfig(f"not folders: {self.folders!r:.80}", where="mailbox.folders")
        _demand("mailbox", "timeout_s", self.timeout_s, 3_600)
        _demand("mailbox", "minutes", self.minutes, 1_440)
        _demand("mailbox", "keep_days", self.keep_days, 3_650)

    @property
    def server_port(self) -> int:
        return self.port or _IMAP_PORTS[self.tls]


def read_password(path: Path, where: str) -> str:
    """The first line of the file. BadConfig when it cannot be read, or holds what no login can."""
    try:
        raw = path.read_bytes()[: _PASSWORD_BYTES_MAX + 2]
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}", where=where) from error
    password = raw.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
    if not 1 <= len(password) <= _PASSWORD_BYTES_MAX or not password.isprintable():
        raise BadConfig(f"{path} does not hold one line with a password", where=where)
    return password


def check_server(section: str, host: str, port: int, tls: Tls) -> None:
    if not _HOST.fullmatch(host):
        raise BadConfig(f"not the name of a server: {host!r:.80}", where=f"{section}.host")
    if not 0 <= port <= 65_535:
        raise BadConfig(f"{port} is no port", where=f"{section}.port", remedy="leave it out for the usual one")
    if tls == "none" and not is_loopback(host):
        remedy = (
            'tls = "starttls" or "implicit"; "none" is for a mail server on this machine (127.0.0.1, ::1, localhost)'
        )
        raise BadConfig(f"{host} would be spoken to in the clear", where=f"{section}.tls", remedy=remedy)


def check_login(section: str, user: str, password_file: str) -> None:
    if bool(user) != bool(password_file):
        raise BadConfig("user and password_file belong together", where=f"{section}.user")
    if not _PLAIN.fullmatch(user):
        raise BadConfig("a user's name has no blanks and no letters beyond ASCII", where=f"{section}.user")


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _demand(section: str, name: str, seen: int, most: int) -> None:
    if not 1 <= seen <= most:
        raise BadConfig(f"{seen} is not allowed, 1 to {most} is", where=f"{section}.{name}")
