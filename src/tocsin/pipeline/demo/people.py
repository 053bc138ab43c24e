"""Who the subscribers are: names that are plainly made up, in four languages; mail domains end in `.example`."""

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
_DE_GIVEN = (("Jürgen", "juergen"), ("Käthe", "kaethe"), ("Erika", "erika"), ("Max", "max"))
_DE_FAMILY = (("Mustermann", "mustermann"), ("Beispiel", "beispiel"), ("Gäbesnicht", "gaebesnicht"))
_HI_GIVEN = (("आशा", "asha"), ("रवि", "ravi"), ("मीरा", "meera"), ("अर्जुन", "arjun"))
_HI_FAMILY = (("नमूना", "namoona"), ("उदाहरण", "udaharan"), ("काल्पनिक", "kalpanik"))
_MAIL_DOMAINS = ("post.example", "mail.example", "family.example", "yubin.example")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber as the customer file knows them. `number` is the customer number, `C-100234`."""

    number: str
    name: str
    email: str
    language: str  # en | ja | de | hi
    zone: str  # IANA zone name


_TONGUES = {  # language: zone, which name comes first, families, given names
    "ja": ("Asia/Tokyo", "{family} {given}", _JA_FAMILY, _JA_GIVEN),
    "de": ("Europe/Berlin", "{given} {family}", _DE_FAMILY, _DE_GIVEN),
    "hi": ("Asia/Kolkata", "{given} {family}", _HI_FAMILY, _HI_GIVEN),
    "en": (
        "Europe/London",
        "{given} {family}",
        tuple((name, name.lower()) for name in _EN_FAMILY),
        tuple((name, name.lower()) for name in _EN_GIVEN),
    ),
}
_WEIGHTS = (30, 10, 10, 50)


def make_people(rng: Random, count: int, *, first: int = 100_001) -> list[Person]:
    """`count` subscribers with consecutive customer numbers; half of them read English."""
    return [_person(rng, first + place) for place in range(count)]


def _person(rng: Random, number: int) -> Person:
    [language] = rng.choices(tuple(_TONGUES), _WEIGHTS)
    zone, order, families, givens = _TONGUES[language]
    (family, family_latin), (given, given_latin) = rng.choice(families), rng.choice(givens)
    email = f"{given_latin}.{family_latin}.{number}@{rng.choice(_MAIL_DOMAINS)}"
    name = order.format(family=family, given=given)
    return Person(number=f"C-{number}", name=name, email=email, language=language, zone=zone)
