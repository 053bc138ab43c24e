"""The ways to a person beside mail, and their settings: `[sms]`, `[letter]` and `[webhook]` of the configuration.

In a notice's facts `recipient` is where its channel takes it: a mail address, a telephone number in international form
(sms, call), a postal address of several lines without the name (letter); a webhook looks at no recipient.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from tocsin.notices.http.endpoint import endpoint_of
from tocsin.notices.sms.compose import PARTS_MAX
from tocsin.terms.errors import BadConfig

Channel = Literal["mail", "sms", "letter", "call", "webhook"]
CHANNELS: tuple[Channel, ...] = ("mail", "sms", "letter", "call", "webhook")

PLACES = ("to", "digits", "text", "sender", "reference", "secret")  # what a gateway's template may ask for
_PLACE = re.compile(r"\{([a-z_]+)\}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}", re.ASCII)
_OWN_HEADERS = frozenset(("host", "connection", "content-length", "content-type", "transfer-encoding"))
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9 &._-]{1,11}|\+?[0-9]{3,15}", re.ASCII)  # TS 23.040 §9.1.2.5


class SmsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gateway that takes one message a request. Unless one is named, no message leaves."""

    via: Literal["none", "http"] = "none"
    url: str = ""
    method: Literal["POST", "GET"] = "POST"
    content_type: Literal["application/json", "application/x-www-form-urlencoded"] = "application/json"
    body: str = '{"to": "{to}", "from": "{sender}", "text": "{text}", "reference": "{reference}"}'
    headers: dict[str, str] = {}
    secret_file: str = ""
    sender: str = ""
    accepted: str = ""
    unknown_number: str = ""
    parts_max: int = PARTS_MAX
    per_minute: int = 60
    timeout_s: int = 30
    ca_file: str = ""

    def __post_init__(self) -> None:
        if self.via == "none":
            return
        endpoint_of(_PLACE.sub("x", self.url), "sms.url")
        texts = {"url": self.url, "body": self.body, **{f"headers.{each}": text for each, text in self.headers.items()}}
        for name, text in texts.items():
            unknown = sorted({place for place in _PLACE.findall(text) if place not in PLACES})
            if unknown:
                remedy = f"known are {', '.join('{' + place + '}' for place in PLACES)}"
                raise BadConfig(f"there is no {{{unknown[0]}}}", where=f"sms.{name}", remedy=remedy)
            if "{secret}" in text and not self.secret_file:
                raise BadConfig("it asks for a secret that no file holds", where="sms.secret_file")
        for name in self.headers:
            if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS:
                raise BadConfig(f"not a header that may be set: {name!r:.80}", where="sms.headers")
        if not _ALPHANUMERIC.fullmatch(self.sender):
            remedy = "the provider's name as on its bills, at most 11 characters, or a number"
            raise BadConfig(f"not a sender: {self.sender!r:.80}", where="sms.sender", remedy=remedy)
        if "{text}" not in (self.body if self.method == "POST" else self.url):
            raise BadConfig("the message's {text} stands nowhere", where="sms.body")
        demand("sms", "parts_max", self.parts_max, 10)
        demand("sms", "per_minute", self.per_minute, 100_000)
        demand("sms", "timeout_s", self.timeout_s, 600)


class LetterConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder of PDF files, for whoever prints and posts them. Unless it is named, no letter is made."""

    via: Literal["none", "folder"] = "none"
    folder: str = "letters"
    sender_address: tuple[str, ...] = ()
    fonts: str = ""

    def __post_init__(self) -> None:
        if self.via == "folder" and not 1 <= len(self.sender_address) <= 4:
            where, remedy = "letter.sender_address", 'write sender_address = ["Street 1", "12345 Town"]'
            raise BadConfig(
                "where letters that cannot be delivered go is one to four lines", where=where, remedy=remedy
            )


class WebhookConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program of the provider's own, such as its customer app. Unless one is named, nothing is posted."""

    via: Literal["none", "http"] = "none"
    url: str = ""
    secret_file: str = ""
    per_minute: int = 300
    timeout_s: int = 30
    ca_file: str = ""

    def __post_init__(self) -> None:
        if self.via == "none":
            return
        endpoint_of(self.url, "webhook.url")
        if not self.secret_file:
            raise BadConfig("it has no secret to sign with", where="webhook.secret_file")
        demand("webhook", "per_minute", self.per_minute, 100_000)
        demand("webhook", "timeout_s", self.timeout_s, 600)


def demand(section: str, name: str, seen: int, most: int) -> None:
    if not 1 <= seen <= most:
        raise BadConfig(f"{seen} is not allowed, 1 to {most} is", where=f"{section}.{name}")
