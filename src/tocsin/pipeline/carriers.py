"""Who carries a queued notice: a mail server, a gateway for short messages, a program that takes webhooks. One table's
worth of differences; the courier's round is the same for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from tocsin.notices.channels import Channel
from tocsin.notices.config import read_password
from tocsin.notices.deliver import Delivery, DeliveryResult
from tocsin.notices.http.endpoint import endpoint_of
from tocsin.notices.http.exchange import Answer, Lost, Stopped, exchange
from tocsin.notices.http.judge import judged
from tocsin.notices.issuer import Keys
from tocsin.notices.seal import Sealed
from tocsin.notices.sms import gateway
from tocsin.notices.sms.gateway import Request
from tocsin.notices.smtp.dialogue import Way
from tocsin.notices.smtp.reply import Broken
from tocsin.notices.smtp.session import Session as SmtpSession
from tocsin.notices.webhook.compose import SECRET_BYTES_MIN, signed_headers
from tocsin.pipeline.clock import present
from tocsin.pipeline.house import House
from tocsin.terms.errors import BadConfig


class Session(Protocol):
    """A conversation that may carry several notices."""

    is_open: bool
    carried: int

    def deliver(self, sealed: Sealed, before_dot: Callable[[], bool]) -> Delivery: ...

    def quit(self) -> None: ...


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """`lasts_s` is longer than any conversation may take; `enter` raises Unreachable."""

    channel: Channel
    who: str  # "the mail server"
    name: str  # which one
    per_minute: int
    lasts_s: float
    enter: Callable[[], Session]


def mail_carrier(way: Way) -> Carrier:
    """Connecting, a dozen commands, the mail, the dot."""
    config = way.config
    return Carrier(
        channel="mail",
        who="the mail server",
        name=way.name,
        per_minute=config.per_minute,
        lasts_s=14 * config.timeout_s + 2 * config.dot_timeout_s,
        enter=lambda: SmtpSession(way),
    )


def other_carriers(house: House) -> list[Carrier]:
    """Those that are configured. BadConfig when a secret cannot be read."""
    return [*_sms(house), *_webhook(house)]


def _sms(house: House) -> list[Carrier]:
    config, folder = house.config.sms, house.config_file.parent
    if config.via == "none":
        return []
    secret = read_password(folder / config.secret_file, "sms.secret_file") if config.secret_file else ""
    ca_file = _ca_file(folder, config.ca_file)

    def make(sealed: Sealed) -> Request:
        return gateway.request(sealed, config, secret, ca_file)

    def judge(answer: Answer) -> Delivery:
        return _without(gateway.judge(answer, config), secret)

    return [
        Carrier(
            channel="sms",
            who="the gateway",
            name=endpoint_of(config.url.partition("?")[0].replace("{", "%7B").replace("}", "%7D"), "sms.url").name,
            per_minute=config.per_minute,
            lasts_s=5.0 * config.timeout_s,
            enter=lambda: HttpSession(make, judge, is_repeatable=False),
        )
    ]


def _webhook(house: House) -> list[Carrier]:
    config, folder = house.config.webhook, house.config_file.parent
    if config.via == "none":
        return []
    secret = read_password(folder / config.secret_file, "webhook.secret_file").encode()
    if len(secret) < SECRET_BYTES_MIN:
        raise BadConfig(f"shorter than {SECRET_BYTES_MIN} bytes", where="webhook.secret_file")
    endpoint = endpoint_of(
        config.url, "webhook.url", ca_file=_ca_file(folder, config.ca_file), timeout_s=config.timeout_s
    )
    keys: Keys = house.keys

    def make(sealed: Sealed) -> Request:
        key = sealed.message_id.strip("<>").partition("@")[0]
        return Request(endpoint, "POST", signed_headers(key, sealed.raw, secret, keys, present()), sealed.raw)

    def judge(answer: Answer) -> Delivery:
        return judged(answer)

    return [
        Carrier(
            channel="webhook",
            who="the webhook's server",
            name=endpoint.name,
            per_minute=config.per_minute,
            lasts_s=5.0 * config.timeout_s,
            enter=lambda: HttpSession(make, judge, is_repeatable=True),
        )
    ]


class HttpSession:
    """A request a notice, each on a connection of its own. `is_open` until one broke.

    `is_repeatable`: the receiver knows a notice by its key, so what may have arrived is simply sent again.
    """

    def __init__(
        self, make: Callable[[Sealed], Request], judge: Callable[[Answer], Delivery], *, is_repeatable: bool
    ) -> None:
        self._make, self._judge, self._is_repeatable = make, judge, is_repeatable
        self.is_open = True
        self.carried = 0

    def deliver(self, sealed: Sealed, before_dot: Callable[[], bool]) -> Delivery:
        """Raises Unreachable."""
        request = self._make(sealed)
        self.carried += 1
        try:
            answer = exchange(request.endpoint, request.method, request.headers, request.body, before_dot)
        except Stopped:
            return Delivery(DeliveryResult.WITHDRAWN, "it was stopped while it was leaving")
        except Broken as broken:
            self.is_open = False
            return Delivery(DeliveryResult.LATER, str(broken))
        except Lost as lost:
            self.is_open = False
            return self._unsure(Delivery(DeliveryResult.UNCERTAIN, f"the last byte may have been sent, then {lost}"))
        return self._unsure(self._judge(answer))

    def _unsure(self, delivery: Delivery) -> Delivery:
        if delivery.result is not DeliveryResult.UNCERTAIN or not self._is_repeatable:
            return delivery
        return msgspec.structs.replace(delivery, result=DeliveryResult.LATER)

    def quit(self) -> None:
        """Nothing is open between two requests."""


def _ca_file(folder: Path, configured: str) -> str | None:
    return str(folder / configured) if configured else None


def _without(delivery: Delivery, secret: str) -> Delivery:
    """A gateway may quote what it was told: nothing of the secret is passed on."""
    if not secret or secret not in delivery.reason:
        return delivery
    return msgspec.structs.replace(delivery, reason=delivery.reason.replace(secret, "…"))
