"""The rules of RFC 7970 §8 for the classes that we write: what stands in each, in which order, with which attributes.

Written from the schema, which is registered at IANA (iodef-2.0.xsd), as one regular expression of children a class and
one pattern an attribute. A class that has no line here is not one of ours, and is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple
from xml.etree.ElementTree import Element

SPACE = "{urn:ietf:params:xml:ns:iodef-2.0}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MOMENT = r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
_FLOAT = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_WHOLE = r"[+-]?\d+"
_ANY = r"(?s).*"
_NONE = r"\s*"
_LIMITED = "default|public|partner|need-to-know|private|white|green|amber|red"
_TIMES = "(DetectTime )?(StartTime )?(EndTime )?(RecoveryTime )?(ReportTime )?"
_IMPACT = "(SystemImpact |BusinessImpact |TimeImpact |MonetaryImpact |IntendedImpact )+"
_DTYPES = (
    "boolean|byte|bytes|character|date-time|integer|ntpstamp|portlist|real|string|file|path|frame|packet|ipv4-packet"
    "|ipv6-packet|url|csv|winreg|xml|json"
)
_IMPACTS = (
    "takeover-(account|service|system)|cps-(manipulation|damage)|availability-(data|account|service|system)"
    "|damaged-(system|data)|breach-(proprietary|privacy|credential|configuration)"
    "|integrity-(data|configuration|hardware)|traffic-redirection|monitoring-(traffic|host)|policy|unknown"
)
_ADDRESSES = "asn|atm|e-mail|mac|ipv4-addr|ipv4-net|ipv4-net-masked|ipv6-addr|ipv6-net|ipv6-net-masked|site-uri"


class Rule(NamedTuple):
    """`children`: names, each with a blank behind it. `needed`: attributes that must be there."""

    children: str = ""
    attributes: Mapping[str, str] = MappingProxyType({})
    needed: tuple[str, ...] = ()
    text: str = _NONE


RULES = {
    "IODEF-Document": Rule("(Incident )+(AdditionalData )*", {"version": r"2\.00", LANG: r"[A-Za-z-]+"}),
    "Incident": Rule(
        f"IncidentID (AlternativeID )?(RelatedActivity )*{_TIMES}GenerationTime (Description )*(Discovery )*"
        "(Assessment )*(Method )*(Contact )+(EventData )*(IndicatorData )?(History )?(AdditionalData )*",
        {"purpose": "traceback|mitigation|reporting|watch|other", "restriction": _LIMITED},
        ("purpose",),
    ),
    "IncidentID": Rule(attributes={"name": _ANY, "instance": _ANY}, needed=("name",), text=_ANY),
    "GenerationTime": Rule(text=_MOMENT),
    "Contact": Rule(
        "(ContactName )*(ContactTitle )*(Description )*(RegistryHandle )*(PostalAddress )*(Email )*(Telephone )*"
        "(Timezone )?(Contact )*(AdditionalData )*",
        {"role": "creator|reporter|admin|tech|provider|abuse|irt|cc", "type": "person|organization"},
        ("role", "type"),
    ),
    "ContactName": Rule(text=_ANY),
    "Email": Rule("EmailTo (Description )*"),
    "EmailTo": Rule(text=_ANY),
    "EventData": Rule(
        f"(Description )*{_TIMES}(Contact )*(Discovery )*(Assessment )?(Method )*(Flow )*(Expectation )*(Record )?"
        "(EventData )*(AdditionalData )*",
        {"restriction": _LIMITED},
    ),
    "DetectTime": Rule(text=_MOMENT),
    "StartTime": Rule(text=_MOMENT),
    "EndTime": Rule(text=_MOMENT),
    "Assessment": Rule(
        f"(IncidentCategory )*{_IMPACT}(Counter )*(MitigatingFactor )*(Cause )*(Confidence )?(AdditionalData )*"
    ),
    "SystemImpact": Rule("(Description )*", {"type": _IMPACTS, "severity": "low|medium|high"}),
    "Confidence": Rule(attributes={"rating": "low|medium|high|numeric|unknown"}, needed=("rating",), text=_FLOAT),
    "Flow": Rule("(System )+"),
    "System": Rule(
        "Node (NodeRole )*(Service )*(OperatingSystem )*(Counter )*(AssetID )*(Description )*(AdditionalData )*",
        {"category": "source|target|intermediate|sensor|infrastructure"},
    ),
    "Node": Rule("(DomainData |Address )+(PostalAddress )?(Location )*(Counter )*"),
    "Address": Rule(attributes={"category": _ADDRESSES}, text=_ANY),
    "Service": Rule(
        "(ServiceName )?(Port )?(Portlist )?(ProtoCode )?(ProtoType )?(ProtoField )?(ApplicationHeader )?(EmailData )?"
        "(Application )?",
        {"ip-protocol": _WHOLE},
    ),
    "Port": Rule(text=_WHOLE),
    "AdditionalData": Rule(attributes={"dtype": _DTYPES, "meaning": _ANY, "name": _ANY}, needed=("dtype",), text=_ANY),
}


def faults(element: Element) -> list[str]:
    """Every departure, with the class in which it stands; empty where the document is valid."""
    return list(_faults(element))


def _faults(element: Element) -> Iterator[str]:
    name = element.tag.removeprefix(SPACE)
    rule = RULES.get(name)
    if rule is None:
        yield f"{element.tag}: no class that we write"
        return
    children = "".join(f"{child.tag.removeprefix(SPACE)} " for child in element)
    if not re.fullmatch(rule.children, children):
        yield f"{name}: not in the schema's order or number: {children}"
    if not re.fullmatch(rule.text, element.text or ""):
        yield f"{name}: {element.text!r}"
    for key in rule.needed:
        if key not in element.attrib:
            yield f"{name}: no {key}"
    for key, value in element.attrib.items():
        if not re.fullmatch(rule.attributes.get(key, "(?!)"), value):
            yield f"{name}: {key}={value!r}"
    for child in element:
        yield from _faults(child)
