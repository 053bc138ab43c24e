"""How answers are marked."""

from __future__ import annotations

from tocsin.pipeline.demo import Answer, Truth, key_of, score


def _truth(holder: str | None, *expected: str, port: int = 4711) -> Truth:
    return Truth(
        source="cert",
        seen_at="2026-11-20T10:00:00Z",
        address="192.0.2.1",
        port=port,
        protocol="tcp",
        role="infected",
        kind="infected-system",
        case="ordinary",
        expected=expected,
        holder=holder,
        true_at="2026-11-20T10:00:00Z",
    )


def _named(subscriber: str | None) -> Answer:
    return Answer(outcome="subscriber", subscriber=subscriber)


def test_only_the_holder_is_right() -> None:
    truth = _truth("C-1", "subscriber")
    assert score([truth], {key_of(truth): _named("C-1")}).right == 1
    assert score([truth], {key_of(truth): _named("C-2")}).wrong == 1


def test_naming_somebody_where_nobody_was_is_wrong() -> None:
    truth = _truth(None, "no-binding")
    for named in ("C-1", None):
        assert score([truth], {key_of(truth): _named(named)}).wrong == 1


def test_caution_is_counted_by_outcome_and_reason_and_as_missed() -> None:
    truth = _truth("C-1", "subscriber")
    table = score([truth], {key_of(truth): Answer(outcome="log-gap", reason="no record for an hour")})
    assert (table.cannot_tell, table.reasons, table.missed) == ({"log-gap": 1}, {"no record for an hour": 1}, 1)
    assert (table.right, table.wrong) == (0, 0)


def test_a_name_that_is_right_by_luck_is_a_surprise() -> None:
    truth = _truth("C-1", "ambiguous")
    table = score([truth], {key_of(truth): _named("C-1")})
    assert table.right == 1
    assert [surprise.wrong for surprise in table.surprises] == [False]


def test_every_sighting_is_in_one_column() -> None:
    rows = [_truth("C-1", "subscriber", port=port) for port in range(1, 5)]
    answers = {
        key_of(rows[0]): _named("C-1"),
        key_of(rows[1]): _named("C-2"),
        key_of(rows[2]): Answer(outcome="pending"),
    }
    table = score(rows, answers)
    assert (table.right, table.wrong, table.cannot_tell, table.absent, table.missed) == (1, 1, {"pending": 1}, 1, 2)
