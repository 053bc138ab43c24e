"""Words that sharing formats hang on their objects: what they say of a kind (RSIT) and of a malware's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tocsin.evidence.readers.intelmq import ROLE_BY_KIND
from tocsin.terms.kinds import KIND_BY_OLD_NAME, TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

LABELS_MAX = 200

# `rsit:malicious-code="infected-system"`, `ecsirt:malicious-code="botnet-drone"`, or RSIT's word alone.
_MACHINE_TAG = re.compile(r'(?P<space>[a-z0-9_-]{1,40}):(?P<name>[a-z0-9_-]{1,60})(?:="(?P<value>[^"]{1,200})")?', re.I)
_KIND_SPACES = ("rsit", "ecsirt", "enisa")
_TOO_VAGUE = ("other", "test", "undetermined", "malware")
_NAMES_MALWARE = (
    "malpedia",
    "botnet",
    "ransomware",
    "rat",
    "banker",
    "stealer",
    "mitre-malware",
    "malware",
    "backdoor",
)
_MITRE_NUMBER = re.compile(r" - S\d{4}$")


def kind_of(labels: Iterable[str]) -> str:
    """The RSIT kind that a label names, '' where none does."""
    for label in labels:
        tag = _MACHINE_TAG.fullmatch(label.strip())
        if tag and tag["space"].lower() not in _KIND_SPACES:
            continue
        word = (tag["value"] or tag["name"] if tag else label).strip().lower()
        kind = KIND_BY_OLD_NAME.get(word) or KIND_BY_OLD_NAME.get(word.replace("-", " "), word)
        if kind in TAXONOMY_BY_KIND and kind not in _TOO_VAGUE:
            return kind
    return ""


def malware_of(labels: Iterable[str]) -> str:
    """The malware that a tag of MISP's galaxies names, '' where none does."""
    for label in labels:
        tag = _MACHINE_TAG.fullmatch(label.strip())
        if tag and tag["space"].lower() == "misp-galaxy" and tag["name"].lower() in _NAMES_MALWARE and tag["value"]:
            return _MITRE_NUMBER.sub("", tag["value"])
    return ""


def role_of(kind: str) -> tuple[str, str]:
    """The role of an address that is said to be of that kind, and over what it is believed."""
    role, proof = ROLE_BY_KIND.get(kind, (Role.LEAD, ""))
    return str(role), proof
