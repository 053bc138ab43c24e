"""The catalogue whole: every file is read, every name leads to one threat, every sentence is fit to be read aloud."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.remedies import catalogue, cures, threat
from tocsin.remedies.catalogue import find, find_open, normal, of_kind, threats
from tocsin.remedies.cures import CURES, FIRST_BY_ROLE, OWN, UNKNOWN, WITHOUT_DEVICE
from tocsin.remedies.threat import DEVICES, THREAT_BYTES_MAX, read_threat
from tocsin.remedies.tools import tools, tools_for
from tocsin.remedies.words import LANGUAGES, say, sentences
from tocsin.terms.errors import BadConfig
from tocsin.terms.kinds import TAXONOMY_BY_KIND

ALL = tuple(threats().values())
in_each_language = pytest.mark.parametrize("language", LANGUAGES)
each_threat = pytest.mark.parametrize("key", threats())


def test_it_holds_forty_families_and_twenty_open_services() -> None:
    exposures = [each for each in ALL if each.is_exposure]
    assert len(exposures) >= 20
    assert len(ALL) - len(exposures) >= 40


@each_threat
def test_a_threat_is_spelled_as_the_house_spells(key: str) -> None:
    each = threats()[key]
    assert set(each.kinds) <= TAXONOMY_BY_KIND.keys()
    assert len(set(each.devices)) == len(each.devices)
    assert set(each.devices) <= CURES[each.cure].by_device.keys(), "its cure knows the device"
    assert set(each.words.steps) <= set(each.devices), "steps for a device on which it is not found"
    assert bool(each.ports) == each.is_exposure, "an exposure is found by its port"
    assert bool(each.words.called) == (each.is_exposure or key == "proxyware"), "what is no proper name is translated"


@each_threat
def test_a_threat_is_found_by_each_of_its_names_and_by_its_port(key: str) -> None:
    each = threats()[key]
    for name in (key, each.name, *each.aliases.all()):
        assert find(name) == each, name
        assert find(name.upper()) == each, name
    for port in each.ports:
        number, _, protocol = port.partition("/")
        assert find_open(each.kinds[0], int(number), protocol) == each
    assert all(each in of_kind(kind) for kind in each.kinds)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("avalanche-andromeda", "andromeda"),
        ("avalanche-something-new", "avalanche"),
        ("b68-zeroaccess-2-64bit", "zeroaccess"),
        ("victorygate.b", "victorygate"),
        ("Backdoor:Linux/Mirai.B!MTB", "mirai"),
        ("HEUR:Trojan-Downloader.Linux.Hajime.a", "hajime"),
        ("Trojan:Win32/Sirefef.gen!C", "zeroaccess"),
        ("Zero Access", "zeroaccess"),
        ("miraix", ""),
        ("android", ""),
        ("worm", ""),
        ("", ""),
    ],
)
def test_the_last_part_of_a_name_that_is_known_decides(name: str, key: str) -> None:
    found = find(name)
    assert (found.key if found else "") == key


def test_a_name_of_any_length_costs_little() -> None:
    assert find("x-" * 1_000_000 + "mirai") is None
    assert find("x-" * 10 + "mirai") == threats()["mirai"]


def test_a_port_alone_finds_nothing_of_another_kind_or_protocol() -> None:
    assert find_open("vulnerable-system", 53, None) == threats()["open-dns"]
    assert find_open("infected-system", 53, "udp") is None
    assert find_open("vulnerable-system", 123, "tcp") is None
    assert find_open("vulnerable-system", None, "udp") is None
    assert find_open("vulnerable-system", 40512, "udp") is None


def test_two_threats_never_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = {"mirai": threats()["mirai"], "twin": threats()["mirai"]}
    monkeypatch.setattr(catalogue, "threats", lambda: twin)
    with pytest.raises(BadConfig, match="is a name of mirai and of twin"):
        catalogue._key_by_name.__wrapped__()


def test_the_cures_name_sentences_that_exist_and_leave_none_out() -> None:
    lists = [steps for cure in (*CURES.values(), *UNKNOWN.values()) for steps in (*cure.by_device.values(), cure.brief)]
    named = {name for steps in (*lists, *WITHOUT_DEVICE.values(), *FIRST_BY_ROLE.values()) for name in steps}
    known = {name.removeprefix("shared.step.") for name in sentences("en") if name.startswith("shared.step.")}
    assert named - {OWN} | {"find_likely", "help"} == known
    vain = {name for cure in (*CURES.values(), *UNKNOWN.values()) for name in cure.useless} | {"heading"}
    assert {f"shared.useless.{name}" for name in vain} == {
        name for name in sentences("en") if name.startswith("shared.useless.")
    }
    assert {each.cure for each in ALL} == CURES.keys()


def test_every_device_has_its_place_for_the_threats_own_steps() -> None:
    for cure in CURES.values():
        assert all(OWN in steps for steps in cure.by_device.values())
        assert not any(OWN in steps for steps in (cure.brief,))
    assert all(set(cure.by_device) == set(DEVICES) for cure in UNKNOWN.values())


def test_steps_stay_few() -> None:
    for cure in CURES.values():
        assert all(len(steps) <= 9 for steps in cure.by_device.values())
        assert len(cure.brief) <= 6


@in_each_language
def test_no_sentence_shouts_links_or_names_a_number_to_ring(language: str) -> None:
    for name, text in sentences(language).items():
        bare = re.sub(r"\{\w+\}", "", text)
        assert not re.search(r"https?:|www\.|@|[!\uff01<>]|\d{7}", bare), name


@in_each_language
def test_what_a_letter_says_links_nothing_and_names_no_number(language: str) -> None:
    """As the letters' own sentences: their steps come from here."""
    for cure in (*CURES.values(), *UNKNOWN.values()):
        for text in (
            *(say(f"step.{name}", language) for name in cure.brief),
            *(say(f"useless.{name}", language) for name in cure.useless),
        ):
            assert not re.search(r"\w\.\w|\d{4}", text), text


def test_the_english_is_short_enough_to_be_read_aloud() -> None:
    for name, text in sentences("en").items():
        for sentence in re.split(r"[.:;?]\s", text):
            assert len(sentence.split()) <= 32, (name, sentence)


@each_threat
def test_tools_are_of_several_makers_or_there_are_none(key: str) -> None:
    each = threats()[key]
    found = tools_for(each)
    assert all(set(tool.devices) & set(each.devices) for tool in found)
    if each.cure in ("windows", "hidden", "stealer", "infector"):
        assert len({tool.maker for tool in found if "windows" in tool.devices}) >= 3
    if each.cure in ("built-in", "exposed"):
        assert found == ()


def test_a_tools_hash_is_stated_for_a_fixed_release_only() -> None:
    for tool in tools():
        assert not (tool.sha256 and tool.got == "signature")
        assert "/" not in tool.site


def test_a_broken_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text('name = "New"\ncure = "box"\nkinds = ["infected-system"]\ndevices = ["toaster"]\n')
    with pytest.raises(BadConfig, match=r"new\.toml: no threat: .*toaster"):
        read_threat(path)
    path.write_text("x" * (THREAT_BYTES_MAX + 1))
    with pytest.raises(BadConfig, match="more than 32768 bytes"):
        read_threat(path)


def test_too_many_aliases_are_refused(tmp_path: Path) -> None:
    text = (Path(threat.__file__).parent / "threats" / "hajime.toml").read_text("utf-8")
    groups = [f"{who} = {[f'{who}{n}' for n in range(14)]}" for who in ("microsoft", "misp", "others")]
    path = tmp_path / "many.toml"
    path.write_text(re.sub(r"\[aliases\]\n(\w+ = .*\n)+", "[aliases]\n" + "\n".join(groups) + "\n", text), "utf-8")
    with pytest.raises(BadConfig, match="more than 40 aliases"):
        read_threat(path)


def test_names_are_compared_by_letters_and_digits() -> None:
    assert normal("Zero-Access_2 (x)") == "zeroaccess2x"
    assert cures.OWN not in sentences("en")
