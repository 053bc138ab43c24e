"""Notices on their way out: two processes at once, each step of one between two of the other's; too late; too early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import small_provider
from tests.faults.trials import mails, open_house
from tocsin.book import audit
from tocsin.book import notices as book_notices
from tocsin.notices.deliver import Delivery, MaildirDeliverer
from tocsin.notices.seal import Sealed
from tocsin.pipeline import outbox
from tocsin.pipeline.house import House
from tocsin.pipeline.judging import Judge, Refusal
from tocsin.pipeline.outbox import queue_decided, send_notices
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import run


@pytest.fixture
def decided(provider: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house in which everything is decided and nothing is composed yet."""
    with monkeypatch.context() as patch, open_house(provider, 2) as house:
        patch.setattr("tocsin.pipeline.run.send_notices", lambda _: outbox.NOTHING_SENT)
        assert run(house, Progress()).notified.decided == small_provider.NOTICES
    with open_house(provider, 2) as house:
        yield house


def _once(work: Callable[[], object]) -> Callable[[], None]:
    """The other process comes in between at the first chance, and only then."""
    left = [work]

    def now() -> None:
        if left:
            left.pop()()

    return now


def _demand_each_sent_once(house: House, folder: Path, *by: int) -> None:
    with house.book.read() as tx:
        assert [*book_notices.in_state(tx, "decided"), *book_notices.in_state(tx, "queued")] == []
        sent = [each.notice for each in book_notices.in_state(tx, "sent")]
        noted = [entry.object for entry in audit.entries(tx) if entry.action == "notice sent"]
        assert audit.verify(tx)[1] is None
    assert sorted(noted) == sorted(sent)
    assert len(sent) == len(set(sent)) == len(mails(folder)) == sum(by) == small_provider.NOTICES


def test_another_that_composes_the_same_meanwhile_is_no_error(
    decided: House, provider: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_house(provider, 2) as other:
        between, make = _once(lambda: list(queue_decided(other))), Judge.make

        def interrupted(judge: Judge, notice: book_notices.Notice) -> Sealed | Refusal:
            between()
            return make(judge, notice)

        monkeypatch.setattr(Judge, "make", interrupted)
        done = send_notices(decided)
    assert done.refused == ()
    _demand_each_sent_once(decided, provider, len(done.sent))


def test_another_that_delivers_the_same_meanwhile_is_noted_once(
    decided: House, provider: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_by_other: list[int] = []
    with open_house(provider, 2) as other:
        between = _once(lambda: sent_by_other.append(len(send_notices(other).sent)))
        deliver = MaildirDeliverer.deliver

        def interrupted(deliverer: MaildirDeliverer, sealed: Sealed) -> Delivery:
            between()
            return deliver(deliverer, sealed)

        monkeypatch.setattr(MaildirDeliverer, "deliver", interrupted)
        done = send_notices(decided)
    _demand_each_sent_once(decided, provider, len(done.sent), *sent_by_other)


def test_a_notice_that_has_begun_to_leave_is_not_stopped_by_a_late_line(
    decided: House, provider: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked: list[bool] = []
    deliver = MaildirDeliverer.deliver

    def watched(deliverer: MaildirDeliverer, sealed: Sealed) -> Delivery:
        with decided.book.read() as tx:
            queued = book_notices.in_state(tx, "queued")
            marked.append(all(each.dot_at == decided.now for each in queued) and bool(queued))
        return deliver(deliverer, sealed)

    monkeypatch.setattr(MaildirDeliverer, "deliver", watched)
    assert len(send_notices(decided).sent) == small_provider.NOTICES
    assert marked == [True] * small_provider.NOTICES


def test_what_waited_longer_than_a_sighting_may_is_not_sent(decided: House, provider: Path) -> None:
    decided.now += decided.config.notices.age_max
    done = send_notices(decided)
    assert (done.sent, len(done.refused)) == ((), small_provider.NOTICES)
    assert all("waited too long" in each.reason for each in done.refused)
    assert mails(provider) == {}


def test_what_a_jumped_clock_decided_waits_until_its_time_and_then_goes_out(decided: House, provider: Path) -> None:
    decided.now -= small_provider.STEP
    early = send_notices(decided)
    assert (early.sent, early.refused, mails(provider)) == ((), (), {})
    decided.now += small_provider.STEP
    _demand_each_sent_once(decided, provider, len(send_notices(decided).sent))
