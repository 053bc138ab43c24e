"""The words of every language: what a translation must keep, and what happens while it is not whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.remedies import words
from tocsin.remedies.catalogue import threats
from tocsin.remedies.steps import brief_steps, devices_text, steps
from tocsin.remedies.words import LANGUAGES, called, missing, say, sentences, speaks, words_of
from tocsin.terms.errors import BadConfig, BadRequest

in_each_translation = pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of words in which a test may write; the shared English is there."""
    caches = (words._files, words._shared, words._source, words._translations)
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
    (tmp_path / "en" / "shared.toml").write_bytes((words._FOLDER / "en" / "shared.toml").read_bytes())
    monkeypatch.setattr(words, "_FOLDER", tmp_path)
    for each in caches:
        each.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for each in caches:
        each.cache_clear()


def test_english_lacks_nothing() -> None:
    assert missing("en") == []


@in_each_translation
def test_what_all_share_is_translated(language: str) -> None:
    assert [line for line in missing(language) if line.startswith("shared.")] == []


@in_each_translation
def test_nothing_that_is_translated_is_strange_to_the_source(language: str) -> None:
    """What is still missing is told by `tocsin remedies --missing`; it falls back to English."""
    assert [line for line in missing(language) if not line.endswith(": missing")] == []


@in_each_translation
def test_a_letters_steps_are_in_one_language(language: str) -> None:
    english = {text for name, text in sentences("en").items()}
    for threat in threats().values():
        for role in ("infected", "exposed"):
            assert not english & set(brief_steps(role, threat, language))


def test_a_missing_a_strange_and_a_changed_sentence_are_reported(folder: Path) -> None:
    source = (folder / "en" / "shared.toml").read_text("utf-8")
    changed = source.replace("{phone}", "{telephone}").replace('need = "', 'needs = "')
    (folder / "de" / "shared.toml").write_text(changed, "utf-8")
    (folder / "de" / "box.toml").write_text('[hajime]\nwhat = "Ein Programm."\nfoo = "bar"\n', "utf-8")
    told = missing("de")
    assert "shared.step.need: missing" in told
    assert "shared.step.needs: not in the source" in told
    assert "shared.step.help: placeholders ['telephone'], the source has ['phone']" in told
    assert "hajime.seen: missing" in told
    assert "hajime.foo: not in the source" in told
    assert "hajime.what: missing" not in told


def test_a_threat_is_shown_in_english_until_its_translation_is_whole(folder: Path) -> None:
    half = '[hajime]\nwhat = "W"\nseen = "S"\nsigns = ["Z"]\n'
    (folder / "ja" / "box.toml").write_text(half, "utf-8")
    assert words_of("hajime", "ja") == threats()["hajime"].words
    (folder / "ja" / "box.toml").write_text(half + 'useless = ["U"]\n', "utf-8")
    for each in (words._files, words._translations):
        each.cache_clear()
    assert words_of("hajime", "ja").signs == ("Z",)


def test_one_threat_in_two_files_is_refused(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / "hi" / f"{name}.toml").write_text('[hajime]\nwhat = "W"\n', "utf-8")
    with pytest.raises(BadConfig, match="again: hajime"):
        missing("hi")


def test_a_file_that_is_no_toml_is_told_with_its_place(folder: Path) -> None:
    (folder / "hi" / "a.toml").write_text("[hajime\n", "utf-8")
    with pytest.raises(BadConfig, match=r"a\.toml: no TOML"):
        missing("hi")


def test_another_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadRequest, match="choose one of en, de, hi, ja"):
        speaks("fr")


def test_devices_are_listed_as_each_language_does() -> None:
    assert devices_text(("router", "printer"), "en") == "router or printer"
    assert devices_text(("router", "printer"), "de") == "Router oder Drucker"
    assert devices_text(("router", "printer"), "hi") == "राउटर या प्रिंटर"
    assert devices_text(("router", "printer"), "ja") == "ルーターまたはプリンター"


def test_a_threats_own_steps_stand_where_its_cure_has_a_place_for_them() -> None:
    mirai = threats()["mirai"]
    found = steps(mirai, "camera", "en")
    own = mirai.words.steps["camera"][0]
    assert found[0] == say("step.unplug", "en")
    assert found[1] == own
    assert found.count(own) == 1
    assert own not in steps(mirai, "nas", "en")


def test_an_exposure_is_called_by_what_people_say() -> None:
    assert called("open-ntp", "en") == "Open time server (NTP)"
    assert called("mirai", "hi") == "Mirai"
