"""The request that a gateway is sent: its own template, filled so that no text can leave its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

import msgspec

from tocsin.notices.channels import SmsConfig
from tocsin.notices.deliver import Delivery
from tocsin.notices.http.endpoint import Endpoint, endpoint_of
from tocsin.notices.http.exchange import Answer
from tocsin.notices.http.judge import judged
from tocsin.notices.seal import Sealed
from tocsin.notices.sms.number import international

_PLACE = re.compile(r"\{([a-z]+)\}")


class Request(msgspec.Struct, frozen=True):
    endpoint: Endpoint
    method: str
    headers: Mapping[str, str]
    body: bytes


def request(sealed: Sealed, config: SmsConfig, secret: str, ca_file: str | None) -> Request:
    """`envelope_to` is the number, `raw` the text. The same message gives the same request."""
    number = international(sealed.envelope_to)
    values = {
        "to": number,
        "digits": number.removeprefix("+"),
        "text": sealed.raw.decode(),
        "sender": config.sender,
        "reference": sealed.message_id.strip("<>").partition("@")[0],
        "secret": secret,
    }
    url = _filled(config.url, values, _percent)
    headers = {name: _filled(value, values, str) for name, value in config.headers.items()}
    body = b""
    if config.method == "POST":
        escape = _in_json if config.content_type == "application/json" else _percent
        body = _filled(config.body, values, escape).encode()
        headers["Content-Type"] = config.content_type
    endpoint = endpoint_of(url, "sms.url", ca_file=ca_file, timeout_s=config.timeout_s)
    return Request(endpoint, config.method, headers, body)


def judge(answer: Answer, config: SmsConfig) -> Delivery:
    return judged(answer, accepted=config.accepted, unknown_number=config.unknown_number)


def _filled(template: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    """Each place once: a value that looks like a place stays what it is."""
    return _PLACE.sub(lambda match: escape(values[match[1]]) if match[1] in values else match[0], template)


def _percent(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]
