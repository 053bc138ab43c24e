from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from msgspec.structs import replace

from tests.notices.notice_world import ROLES
from tocsin.notices import letters
from tocsin.notices.letters.catalogue import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    catalogue,
    differences,
    placeholders,
)
from tocsin.notices.sentences import TOLD_BY_ROLE_AND_KIND, WHY_BY_ROLE
from tocsin.pipeline.config import IssuerSection
from tocsin.terms.kinds import TAXONOMY_BY_KIND

FOLDER = Path(letters.__file__).parent
SOURCE = catalogue(SOURCE_LANGUAGE)
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def test_every_file_is_a_language_and_every_language_a_file() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(LANGUAGES)


@in_each_language
def test_every_language_has_every_sentence_with_its_placeholders(language: str) -> None:
    assert differences(catalogue(language), SOURCE) == []
    assert catalogue(language).language == language


def test_a_provider_may_choose_every_language_that_there_are_letters_in() -> None:
    assert get_args(get_type_hints(IssuerSection)["language"]) == LANGUAGES


def test_a_missing_a_strange_and_a_changed_sentence_are_reported() -> None:
    changed = {name: text for name, text in SOURCE.sentences.items() if name != "wrong"}
    changed |= {"extra": "x", "closing": "With kind regards, {isuer}", "code_is": " "}
    assert differences(replace(SOURCE, sentences=changed), SOURCE) == [
        "code_is: missing",
        "wrong: missing",
        "extra: not in the source",
        "closing: placeholders ['isuer'], the source has ['issuer']",
    ]


def test_a_placeholder_is_a_plain_name() -> None:
    for name, text in SOURCE.sentences.items():
        for placeholder in placeholders(text):
            assert re.fullmatch("[a-z_]+", placeholder), name


@in_each_language
def test_no_sentence_links_shouts_or_names_a_number_to_ring(language: str) -> None:
    for name, text in catalogue(language).sentences.items():
        bare = re.sub(r"\{\w+\}", "", text)
        assert not re.search(r"https?|www|@|[!\uff01<>]|\w\.\w|\d{4}", bare), name


def test_every_sentence_that_the_tables_name_exists() -> None:
    named = {*TOLD_BY_ROLE_AND_KIND.values(), *ROLES}
    named |= {why for whys in WHY_BY_ROLE.values() for why in whys}
    named |= {f"{form}_{role}" for role in ROLES for form in ("subject", "calm", "label_malware", "label_peer")}
    assert named <= set(SOURCE.sentences)


def test_the_table_of_kinds_is_spelled_as_rsit_and_never_mixes_roles() -> None:
    for (role, kind), sentence in TOLD_BY_ROLE_AND_KIND.items():
        assert kind in TAXONOMY_BY_KIND
        assert sentence.startswith(role)
