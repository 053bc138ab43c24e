"""What an answer's status means for the notice that was asked to be taken. One table."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.notices.deliver import Delivery, DeliveryResult
from tocsin.notices.http.exchange import Answer

_SAID_MAX = 200
CLOSED, LATER, REFUSED, UNCERTAIN = (
    DeliveryResult.CLOSED,
    DeliveryResult.LATER,
    DeliveryResult.REFUSED,
    DeliveryResult.UNCERTAIN,
)

# RFC 9110 §15. What is not here goes by its hundred.
RESULT_BY_STATUS: Mapping[int, DeliveryResult] = {
    401: CLOSED,  # the login, the address or the method is wrong: no notice is at fault
    403: CLOSED,
    404: CLOSED,
    405: CLOSED,
    407: CLOSED,
    402: CLOSED,  # gateways say so when the account is empty
    408: LATER,
    425: LATER,
    429: LATER,
    501: CLOSED,
    503: LATER,
    505: CLOSED,
}
RESULT_BY_HUNDRED: Mapping[int, DeliveryResult] = {
    1: UNCERTAIN,
    2: DeliveryResult.DELIVERED,
    3: CLOSED,  # no redirect is followed: what is signed for one server goes to no other
    4: REFUSED,
    5: UNCERTAIN,  # it may have failed after it had done it
}


def judged(answer: Answer, *, accepted: str = "", unknown_number: str = "") -> Delivery:
    """`accepted` must stand in a good answer: some gateways say 200 to everything. Without it nobody knows, since an
    answer that is misunderstood and asked again would reach a person again and again."""
    result = RESULT_BY_STATUS.get(answer.status) or RESULT_BY_HUNDRED.get(answer.status // 100, UNCERTAIN)
    said = f"HTTP {answer.status} {_line(answer.text)}".strip()
    if unknown_number and unknown_number in answer.text and result in (REFUSED, DeliveryResult.DELIVERED):
        result = DeliveryResult.BOUNCED
    elif result is DeliveryResult.DELIVERED and accepted not in answer.text:
        result = UNCERTAIN
    return Delivery(result, said, code=answer.status, wait_s=answer.retry_after_s if result is LATER else None)


def _line(text: str) -> str:
    kept = "".join(sign if sign.isprintable() else " " for sign in text[: _SAID_MAX * 4])
    return " ".join(kept.split())[:_SAID_MAX]
