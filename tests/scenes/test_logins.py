"""A login is not a line, and a line is not a person: the contract holder of that moment, or nobody."""

from __future__ import annotations

import pytest

from tests.scenes.conftest import Scenes
from tests.scenes.scene import ISP, Scene

ADDRESS, OTHER = "198.51.100.7", "198.51.100.8"
HERE, THERE = '"slot 1/1/7"', '"slot 1/1/9"'


def test_a_login_that_is_used_twice_at_once_names_nobody(scene: Scene) -> None:
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.online("anna", OTHER, "02:00", "04:00", nas="nas-2")
    for address in (ADDRESS, OTHER):
        scene.sinkhole("03:16:38", address)
    scene.run("14:00")
    assert set(scene.outcomes().values()) == {"ambiguous: shared-login"}
    assert not scene.letters()


def test_where_lines_share_accounts_by_design_the_same_is_no_doubt(scenes: Scenes) -> None:
    scene = scenes(ISP(lines_share_accounts=True))
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.online("anna", OTHER, "02:00", "04:00", nas="nas-2")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert scene.told() == [("anna", ADDRESS)]


def test_who_reconnects_on_the_same_line_has_not_lent_his_login(scene: Scene) -> None:
    """The Stop of the first session is lost, and the second begins before an interim is missed."""
    scene.household("anna")
    scene.online("anna", OTHER, "01:00", "02:40", stop=False, NAS_Port_Id=HERE)
    scene.online("anna", ADDRESS, "02:45", "05:00", NAS_Port_Id=HERE)
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert scene.told() == [("anna", ADDRESS)]


@pytest.mark.parametrize("attribute", ["NAS_Port_Id", "Calling_Station_Id", "ADSL_Agent_Circuit_Id"])
def test_a_login_on_another_line_than_its_usual_one_names_nobody(scene: Scene, attribute: str) -> None:
    scene.household("anna")
    for at, until in (("01:00", "02:00"), ("02:10", "03:00"), ("07:00", "08:00")):
        scene.online("anna", OTHER, at, until, **{attribute: '"02-00-5e-00-53-07"'})
    scene.online("anna", ADDRESS, "04:00", "05:00", **{attribute: '"02-00-5e-00-53-99"'})
    scene.sinkhole("04:30", ADDRESS)
    scene.sinkhole("07:30", OTHER)
    scene.run("14:00")
    assert scene.outcomes()[ADDRESS] == "ambiguous: unusual-line"
    assert scene.told() == [("anna", OTHER)]


def test_what_the_contract_says_of_the_line_outweighs_what_is_usual(scene: Scene) -> None:
    scene.household("anna", line_id="slot 1/1/7")
    scene.online("anna", ADDRESS, "01:00", "05:00", NAS_Port_Id=THERE)
    scene.online("anna", OTHER, "06:00", "08:00", NAS_Port_Id=HERE)
    scene.sinkhole("03:16:38", ADDRESS)
    scene.sinkhole("07:00", OTHER)
    scene.run("14:00")
    assert scene.outcomes()[ADDRESS] == "ambiguous: unusual-line"
    assert scene.told() == [("anna", OTHER)]


# --- the contract holder of that moment ---


def test_the_next_tenant_does_not_hear_of_what_the_one_before_did(scene: Scene) -> None:
    """One login, handed over at 02:00: the session goes on, the person does not."""
    scene.household("anna", until="02:00")
    scene.household("bela", account="anna@isp.example", since="02:00")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("01:30", ADDRESS)
    scene.run("14:00")
    (case,) = scene.cases()
    assert (case.who, case.state) == ("anna", "open")
    assert not scene.letters()
    assert scene.withheld() == {"contract-ended": 1}


def test_the_new_tenant_hears_of_what_happened_since(scene: Scene) -> None:
    scene.household("anna", until="02:00")
    scene.household("bela", account="anna@isp.example", since="02:00")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert scene.told() == [("bela", ADDRESS)]


def test_a_handover_within_the_margin_names_nobody(scene: Scene) -> None:
    scene.household("anna", until="03:16:40")
    scene.household("bela", account="anna@isp.example", since="03:16:40")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert scene.outcome() == "ambiguous: contract-changed"
    assert not scene.letters()


def test_whoever_has_left_is_not_written_to(scene: Scene) -> None:
    scene.household("anna", until="06:00")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert scene.withheld() == {"contract-ended": 1}
    assert not scene.letters()


def test_whoever_has_moved_is_not_told_of_a_device_that_may_not_have_come_along(scene: Scene) -> None:
    scene.household("anna", account="old@isp.example", until="06:00")
    scene.household("anna", account="new@isp.example", since="06:00")
    scene.online("old@isp.example", ADDRESS, "01:00", "05:00")
    scene.online("new@isp.example", OTHER, "07:00", "09:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert not scene.letters()
    scene.sinkhole("08:00", OTHER)  # seen at the new home: that is worth a letter
    scene.run("15:00")
    assert scene.told() == [("anna", OTHER)]


def test_a_contract_that_is_struck_from_the_file_is_over(scene: Scene) -> None:
    scene.household("anna")
    scene.household("bela")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.forget("anna")
    scene.run("14:00")
    assert scene.outcome() == "no-binding: no-contract"
    assert not scene.letters()


def test_two_contracts_that_claim_the_same_time_are_both_refused(scene: Scene) -> None:
    scene.household("anna")
    scene.household("bela", account="anna@isp.example", since="02:00")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert not scene.letters()


def test_a_contract_without_a_mail_address_has_its_case_and_no_letter(scene: Scene) -> None:
    scene.household("anna", email="")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert not scene.letters()
    assert scene.outcome().startswith(("subscriber", "no-binding"))
