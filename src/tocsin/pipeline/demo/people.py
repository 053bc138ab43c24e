"""Who the subscribers are: names that are plainly made up, in English and Japanese; mail domains end in `.example`."""

from __future__ import annotations

from random import Random

import msgspec

_EN_GIVEN = ("Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi", "Ivan", "Judy", "Mallory", "Olivia")
_EN_FAMILY = ("Sample", "Specimen", "Placeholder", "Testwell", "Demofield", "Mockford", "Fictional", "Examplar")
_JA_GIVEN = (
    ("太郎", "taro"),
    ("花子", "hanako"),
    ("一郎", "ichiro"),
    ("さくら", "sakura"),
    ("健太", "kenta"),
    ("美咲", "misaki"),
    ("大輔", "daisuke"),
    ("陽子", "yoko"),
)
_JA_FAMILY = (
    ("例田", "reida"),
    ("見本", "mihon"),
    ("仮名", "kamei"),
    ("試野", "tameno"),
    ("架空", "kakuu"),
    ("模擬", "mogi"),
)
_MAIL_DOMAINS = ("post.example", "mail.example", "family.example", "yubin.example")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber as the customer file knows them. `number` is the customer number, `C-100234`."""

    number: str
    name: str
    email: str
    language: str  # en | ja
    zone: str  # IANA zone name


def make_people(rng: Random, count: int) -> list[Person]:
    """`count` subscribers with consecutive customer numbers; two in five read Japanese."""
    return [_person(rng, 100_001 + place) for place in range(count)]


def _person(rng: Random, number: int) -> Person:
    if rng.random() < 0.4:
        (family, family_latin), (given, given_latin) = rng.choice(_JA_FAMILY), rng.choice(_JA_GIVEN)
        name, login, language, zone = f"{family} {given}", f"{given_latin}.{family_latin}", "ja", "Asia/Tokyo"
    else:
        given, family = rng.choice(_EN_GIVEN), rng.choice(_EN_FAMILY)
        name, login, language, zone = f"{given} {family}", f"{given}.{family}".lower(), "en", "Europe/London"
    email = f"{login}.{number}@{rng.choice(_MAIL_DOMAINS)}"
    return Person(number=f"C-{number}", name=name, email=email, language=language, zone=zone)
