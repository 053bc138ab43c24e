"""The steps for a threat and a device, or where either is not known, as sentences of a language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from babel.lists import format_list

from tocsin.remedies.cures import CURES, FIRST_BY_ROLE, OWN, UNKNOWN, WITHOUT_DEVICE, Cure
from tocsin.remedies.threat import Device, Threat
from tocsin.remedies.words import say, words_of

ROLES = tuple(UNKNOWN)  # that a letter is written about


def steps(threat: Threat, device: Device, language: str) -> tuple[str, ...]:
    """What to do about this threat on this device, the threat's own steps among those that it shares."""
    own = words_of(threat.key, language).steps.get(device, ())
    return tuple(_sentences(CURES[threat.cure].by_device[device], own, language))


def steps_by_role(role: str, device: Device | None, language: str) -> tuple[str, ...]:
    """What to do where only the role is known, and perhaps the device."""
    names = UNKNOWN[role].by_device[device] if device else WITHOUT_DEVICE[role]
    return tuple(_sentences((*FIRST_BY_ROLE[role], *names), (), language))


def brief_steps(role: str, threat: Threat | None, language: str) -> tuple[str, ...]:
    """The few steps of a letter, which cannot ask for the device; help is not among them."""
    names = _cure(role, threat).brief
    if threat is None or threat.is_exposure:
        return tuple(_sentences(dict.fromkeys((*FIRST_BY_ROLE[role], *names)), (), language))
    find = say("step.find_likely", language, devices=devices_text(threat.devices, language))
    first = _sentences(FIRST_BY_ROLE[role], (), language)
    return tuple(dict.fromkeys((*first, find, *_sentences(names, (), language))))


def useless(role: str, threat: Threat | None, language: str) -> tuple[str, ...]:
    """What people try in vain: the threat's own first."""
    own = words_of(threat.key, language).useless if threat else ()
    return (*own, *shared_useless(role, threat, language))


def shared_useless(role: str, threat: Threat | None, language: str) -> tuple[str, ...]:
    """The same without the threat's own, which need not be translated yet: a letter is in one language."""
    return tuple(say(f"useless.{name}", language) for name in _cure(role, threat).useless)


def devices_text(devices: Iterable[Device], language: str) -> str:
    """The devices as one says them: `router, camera or recorder, or printer`."""
    return str(format_list([say(f"device.{device}", language) for device in devices], style="or", locale=language))


def _cure(role: str, threat: Threat | None) -> Cure:
    return CURES[threat.cure] if threat else UNKNOWN[role]


def _sentences(names: Iterable[str], own: tuple[str, ...], language: str) -> Iterator[str]:
    for name in names:
        if name == OWN:
            yield from own
        else:
            yield say(f"step.{name}", language)
