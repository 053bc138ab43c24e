"""Who gets a notice, told as a story of one subscriber: each rule alone stands in the way."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.cases.case_world import (
    AT,
    DAY,
    HOUR,
    SENDER,
    SENDING,
    contract,
    facts_of,
    opened,
    reason,
    seen,
    standing,
    verdict,
)
from tocsin.cases.follow import follow
from tocsin.cases.freeze import masked, told_zone
from tocsin.cases.moves import State
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import SENTENCES, Reason
from tocsin.proof.canonical import canonical, read_facts
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import TROUBLES_TOLD_MAX

SECOND = timedelta(seconds=1)


def test_a_known_source_that_saw_it_an_hour_ago_gets_a_notice_out() -> None:
    assert reason(standing(seen())) is None


def test_nothing_is_sent_until_it_is_switched_on() -> None:
    assert reason(standing(seen()), policy=Policy()) is Reason.SENDING_OFF


# --- role --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["infected", "attacker", "exposed"])
def test_three_roles_have_a_letter(role: str) -> None:
    assert reason(standing(seen(role=role))) is None


@pytest.mark.parametrize("role", ["victim", "infrastructure", "lead", "unheard-of"])
def test_no_other_role_ever_reaches_a_subscriber(role: str) -> None:
    assert reason(standing(seen(role=role))) is Reason.ROLE


# --- age and clocks ----------------------------------------------------------------------------------------------


def test_seven_days_old_is_not_too_old_and_a_second_more_is() -> None:
    assert reason(standing(seen(AT - 7 * DAY))) is None
    assert reason(standing(seen(AT - 7 * DAY - SECOND))) is Reason.TOO_OLD


def test_a_sighting_in_the_future_causes_no_notice() -> None:
    assert reason(standing(seen(AT))) is None
    assert reason(standing(seen(AT + SECOND))) is Reason.FUTURE


def test_a_feed_an_hour_in_the_future_causes_no_notice_at_all() -> None:
    truth = [seen(AT - minutes * timedelta(minutes=1), malware=f"m{minutes}") for minutes in range(60)]
    shifted = [msgspec.structs.replace(day, first_at=day.first_at + HOUR, last_at=day.last_at + HOUR) for day in truth]
    assert {reason(standing(day)) for day in truth} == {None}
    assert {reason(standing(day)) for day in shifted} == {Reason.FUTURE}


# --- trust -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["own", "cert"])
def test_own_and_known_sources_are_believed(source: str) -> None:
    assert reason(standing(seen(source=source))) is None


@pytest.mark.parametrize("source", ["alice", "a source that nobody configured"])
def test_a_stranger_alone_is_not(source: str) -> None:
    seasoned = frozenset({source, "radius"})
    assert reason(standing(seen(source=source, sightings=10_000)), seasoned=seasoned) is Reason.STRANGER


def test_two_strangers_who_saw_for_themselves_are_believed() -> None:
    assert reason(standing(seen(source="alice"), seen(source="bob"))) is None


def test_two_mirrors_of_one_observer_count_once() -> None:
    mirrors = seen(source="alice", observers=("carol",)), seen(source="bob", observers=("Carol ",))
    assert reason(standing(*mirrors)) is Reason.STRANGER


def test_a_stranger_who_mirrors_the_other_stranger_adds_nothing() -> None:
    assert reason(standing(seen(source="alice"), seen(source="bob", observers=("alice",)))) is Reason.STRANGER


def test_a_stranger_who_passes_on_one_that_passes_on_another_adds_nothing() -> None:
    chain = seen(source="alice", observers=("carol",)), seen(source="bob", observers=("alice",))
    assert reason(standing(*chain)) is Reason.STRANGER


def test_two_strangers_who_pass_on_two_observers_are_believed() -> None:
    days = seen(source="alice", observers=("carol",)), seen(source="bob", observers=("carol", "dave"))
    assert reason(standing(*days)) is None


def test_one_stranger_who_names_two_observers_is_one_stranger() -> None:
    days = seen(source="alice", observers=("carol", "dave")), seen(AT - DAY, source="alice", observers=("erin",))
    assert reason(standing(*days)) is Reason.STRANGER


def test_two_strangers_about_different_trouble_do_not_support_each_other() -> None:
    assert reason(standing(seen(source="alice"), seen(source="bob", malware="qakbot"))) is Reason.STRANGER


def test_a_stranger_whose_sighting_is_too_old_supports_nobody() -> None:
    assert reason(standing(seen(source="alice"), seen(AT - 8 * DAY, source="bob"))) is Reason.STRANGER


def test_a_notice_rests_on_the_known_source_though_a_stranger_saw_it_later() -> None:
    decision = facts_of(verdict(standing(seen(AT - 2 * HOUR, port=1111), seen(source="alice", port=2222))))
    (trouble,) = decision.facts.troubles
    assert (trouble.source, trouble.port, trouble.count) == ("National CERT", 1111, 1)
    assert decision.sources == ("cert",)


# --- rest --------------------------------------------------------------------------------------------------------


def test_within_the_rest_there_is_no_second_notice() -> None:
    told = AT - 7 * DAY + SECOND
    assert reason(standing(seen(), last_at=told)) is Reason.REST
    assert reason(standing(seen(malware="another"), last_at=told)) is Reason.REST


def test_after_the_rest_what_was_seen_since_causes_the_next_notice() -> None:
    assert reason(standing(seen(), last_at=AT - 7 * DAY)) is None


def test_after_the_rest_nothing_new_means_no_notice() -> None:
    eight = Policy(send=True, notice_age_max_days=30)
    assert reason(standing(seen(AT - 8 * DAY), last_at=AT - 8 * DAY), policy=eight) is Reason.TOLD
    assert reason(standing(seen(AT - 8 * DAY + SECOND), last_at=AT - 8 * DAY), policy=eight) is None


def test_a_clock_that_was_set_back_lengthens_the_rest() -> None:
    assert reason(standing(seen(), last_at=AT + 3 * DAY)) is Reason.REST


def test_after_the_rest_a_stranger_cannot_renew_what_a_known_source_said_before() -> None:
    days = seen(AT - 8 * DAY, source="cert"), seen(source="alice")
    assert reason(standing(*days, last_at=AT - 8 * DAY)) is Reason.STRANGER


# --- the contract ------------------------------------------------------------------------------------------------


def test_the_notice_goes_to_the_holder_of_that_moment() -> None:
    assert facts_of(verdict(standing(seen()))).facts.recipient == "asha@mail.example"


def test_who_has_left_since_gets_none() -> None:
    ended = contract(ends_at=AT - timedelta(minutes=1))
    assert reason(standing(seen(), contracts=[ended])) is Reason.CONTRACT_ENDED
    assert reason(standing(seen(), contracts=[contract(ends_at=AT + SECOND)])) is None


def test_a_contract_that_had_ended_before_is_nobody_s() -> None:
    assert reason(standing(seen(), contracts=[contract(ends_at=AT - HOUR)])) is Reason.NO_CONTRACT


def test_who_moved_in_since_does_not_get_the_notice_of_who_moved_out() -> None:
    later = contract(number=101, subscriber=2, starts_at=AT - timedelta(minutes=1), email="next@mail.example")
    assert reason(standing(seen(), contracts=[contract(), later])) is Reason.CONTRACT_FOLLOWED


def test_a_contract_that_begins_at_this_very_moment_counts() -> None:
    later = contract(number=101, subscriber=2, starts_at=AT)
    assert reason(standing(seen(), contracts=[contract(), later])) is Reason.CONTRACT_FOLLOWED


def test_a_contract_that_begins_tomorrow_changes_nothing_today() -> None:
    later = contract(number=101, subscriber=2, starts_at=AT + DAY)
    assert reason(standing(seen(), contracts=[contract(), later])) is None


def test_two_contracts_at_once_name_nobody() -> None:
    other = contract(number=101, subscriber=2, starts_at=AT - 2 * DAY)
    assert reason(standing(seen(), contracts=[contract(), other])) is Reason.NO_CONTRACT


def test_another_s_contract_is_not_ours() -> None:
    assert reason(standing(seen(), contracts=[contract(subscriber=2)])) is Reason.NO_CONTRACT
    assert reason(standing(seen(), contracts=[contract(account=11)])) is Reason.NO_CONTRACT
    assert reason(standing(seen(), contracts=[])) is Reason.NO_CONTRACT


@pytest.mark.parametrize("email", ["", " ", "none"])
def test_without_a_mail_address_there_is_no_mail(email: str) -> None:
    assert reason(standing(seen(), contracts=[contract(email=email)])) is Reason.NO_ADDRESS


# --- first runs and brakes ---------------------------------------------------------------------------------------


def test_the_first_run_on_a_source_or_a_log_is_dry() -> None:
    assert reason(standing(seen()), seasoned=frozenset({"radius"})) is Reason.NEW_SOURCE
    assert reason(standing(seen()), seasoned=frozenset({"cert"})) is Reason.NEW_LOG


def test_a_log_that_could_not_be_found_is_never_seasoned() -> None:
    assert reason(standing(seen(log=""))) is Reason.NEW_LOG


def test_a_held_source_causes_no_notice_and_another_still_does() -> None:
    held = frozenset({"cert"})
    assert reason(standing(seen()), held=held) is Reason.SOURCE_HELD
    decision = facts_of(verdict(standing(seen(), seen(AT - 2 * HOUR, source="own")), held=held))
    assert decision.sources == ("own",)
    assert decision.facts.troubles[0].count == 1


# --- what the notice says ----------------------------------------------------------------------------------------


def test_one_notice_tells_of_every_case_that_has_something_to_say() -> None:
    days = [
        seen(AT - 3 * HOUR),
        seen(AT - 2 * HOUR, kind="brute-force", malware="", role="attacker"),
        seen(AT - HOUR, kind="vulnerable-system", malware="", role="exposed"),
        seen(AT - HOUR, malware="too old", first_at=AT - 9 * DAY, day=(AT - 9 * DAY).date()),
        seen(AT - 9 * DAY, malware="really too old"),
        seen(AT - HOUR, malware="a rumour", source="alice"),
    ]
    decision = facts_of(verdict(standing(*days)))
    told = [(trouble.kind, trouble.malware) for trouble in decision.facts.troubles]
    assert sorted(told, key=str) == [
        ("brute-force", None),
        ("infected-system", "mirai"),
        ("infected-system", "too old"),
        ("vulnerable-system", None),
    ]
    assert len(decision.cases) == 4
    moments = [trouble.seen_at for trouble in decision.facts.troubles]
    assert moments == sorted(moments, reverse=True)


def test_the_facts_are_those_of_the_last_sighting_and_the_count_of_all_days() -> None:
    days = [
        seen(AT - 9 * DAY, sightings=5, first_at=AT - 9 * DAY - HOUR),
        seen(
            AT - HOUR + timedelta(microseconds=7),
            sightings=3,
            address="2001:db8::7",
            port=None,
            protocol="tcp",
            peer_address="198.51.100.9",
            peer_port=443,
            source_ref="CERT-2026-77",
        ),
        seen(AT - 2 * DAY, sightings=2),
    ]
    facts = facts_of(verdict(standing(*days))).facts
    (trouble,) = facts.troubles
    assert (trouble.address, trouble.port, trouble.protocol) == ("2001:db8::7", None, "tcp")
    assert (trouble.peer_address, trouble.peer_port, trouble.source_ref) == ("198.51.100.9", 443, "CERT-2026-77")
    assert (trouble.seen_at, trouble.first_at, trouble.count) == (AT - HOUR, AT - 9 * DAY - HOUR, 10)
    assert (facts.name, facts.line, facts.language, facts.zone) == ("Asha Rao", "···· 4711", "en", "Asia/Kolkata")
    assert (facts.issuer, facts.issuer_name) == ("isp.example", "Example Broadband")
    assert (facts.issued_at, facts.expires_at) == (AT, AT + 30 * DAY)


def test_the_code_is_the_one_of_the_notice_and_only_its_hash_is_kept() -> None:
    facts = facts_of(verdict(standing(seen()))).facts
    assert facts.code_sha256 == code_digest(make_code(SENDER.secret, facts.notice))


def test_the_same_evidence_gives_the_same_reference_at_any_moment_and_other_evidence_another() -> None:
    these = standing(seen())
    ref = facts_of(verdict(these)).facts.notice
    assert facts_of(verdict(these, at=AT + HOUR)).facts.notice == ref
    assert facts_of(verdict(standing(seen(AT - 2 * HOUR)))).facts.notice != ref
    assert reason(standing(seen(), notices=frozenset({ref}))) is Reason.DECIDED_BEFORE


def test_facts_are_canonical_whatever_the_moment_of_the_decision() -> None:
    facts = facts_of(verdict(standing(seen()), at=AT + timedelta(microseconds=123))).facts
    assert read_facts(canonical(facts)) == facts


def test_the_longest_facts_can_be_proved() -> None:
    long = {"source_ref": "参" * 200, "protocol": "p" * 20, "peer_address": "2001:db8::1", "peer_port": 65_535}
    days = [seen(AT - HOUR * n, malware=f"{n:02}" + "悪" * 198, **long) for n in range(1, 15)]
    holder = contract(name="名" * 300, email="e" * 64 + "@" + "m" * 250, line="1" * 60)
    decision = facts_of(verdict(standing(*days, contracts=[holder])))
    assert len(decision.facts.troubles) == TROUBLES_TOLD_MAX
    assert len(decision.cases) == TROUBLES_TOLD_MAX
    assert read_facts(canonical(decision.facts)) == decision.facts


def test_a_notice_names_one_line_and_tells_of_no_other() -> None:
    days = seen(), seen(AT - 2 * HOUR, account=11, malware="qakbot")
    lines = [contract(), contract(number=101, account=11, line="L-00001234")]
    decision = facts_of(verdict(standing(*days, contracts=lines)))
    assert decision.facts.line == "···· 4711"
    assert [trouble.malware for trouble in decision.facts.troubles] == ["mirai"]


def test_a_line_that_was_given_up_does_not_silence_the_one_that_is_in_use() -> None:
    days = seen(), seen(AT - 2 * HOUR, account=11)
    lines = [contract(ends_at=AT), contract(number=101, account=11, line="L-00001234")]
    assert facts_of(verdict(standing(*days, contracts=lines))).facts.line == "···· 1234"


@pytest.mark.parametrize(
    ("line", "shown"), [("L-00004711", "···· 4711"), ("4711", "···· 11"), ("7", "····"), ("", "····")]
)
def test_a_line_shows_its_last_four_and_never_more_than_half(line: str, shown: str) -> None:
    assert masked(line) == shown


@pytest.mark.parametrize(
    ("zone", "told"), [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), ("", "UTC"), ("../x", "UTC")]
)
def test_a_zone_that_there_is_not_becomes_the_issuer_s(zone: str, told: str) -> None:
    assert told_zone(zone, "UTC") == told


def test_a_language_without_a_letter_becomes_the_issuer_s() -> None:
    assert facts_of(verdict(standing(seen(), contracts=[contract(language="ja")]))).facts.language == "ja"
    assert facts_of(verdict(standing(seen(), contracts=[contract(language="fr")]))).facts.language == "en"


# --- states ------------------------------------------------------------------------------------------------------


def test_only_an_open_resighted_or_reopened_case_asks_for_a_notice() -> None:
    days = [seen()]
    (case,) = opened(days)
    allowed = {
        state
        for state in State
        if reason(standing(*days, cases=[msgspec.structs.replace(case, state=state, last_at=AT - 2 * HOUR)])) is None
    }
    assert allowed == {State.OPEN, State.RESIGHTED, State.REOPENED}


def test_what_a_closed_case_has_told_is_not_told_by_the_next() -> None:
    old = seen(AT - 2 * DAY, sightings=7)
    (case,) = opened([old])
    closed = msgspec.structs.replace(case, state=State.CLOSED)
    (change,) = follow([closed], [old, seen()], {}, {1: "K-1"}, at=AT, policy=SENDING)
    decision = facts_of(verdict(standing(old, seen(), cases=[closed, change.after])))
    assert decision.facts.troubles[0].count == 1
    assert decision.cases == (change.after.case,)


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
