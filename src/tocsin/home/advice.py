"""What to do with a device, and where to look when there are no logs: sentences that a grandfather understands."""

from __future__ import annotations

from tocsin.traffic.verdict import Verdict

# In the order of their worth. A restart alone is never named: it cleans nothing for good.
_BY_KIND: dict[str, tuple[str, ...]] = {
    "router": (
        "Write down your provider's access data, then reset the router to its factory state.",
        "Give it a new administrator password and its newest software; switch off access from outside.",
        "If there is no software from this year or the last, ask your provider for another router.",
    ),
    "camera": (
        "Unplug it. Reset it to its factory state (its manual says how), and install its newest software.",
        "Before it is on the net again give it a password of its own, and switch off access from outside.",
        "A virus scanner on your computer cannot see or clean a camera.",
    ),
    "computer": (
        "Do no banking on it until it is clean. Save pictures and documents.",
        "Check it with the scanner that came with the system, and with one from another maker's own page.",
        "If anything is found, or it goes on, install the system anew.",
        "Then change your passwords, from another device.",
    ),
    "phone": (
        "Remove apps that did not come from the usual store, and those that you do not know.",
        "Install what updates there are. If it goes on, reset it to its factory state and install only what you need.",
        "Change your passwords afterwards, from another device.",
    ),
    "tv": (
        "Remove apps that did not come from the maker's store; cheap TV boxes often have such programs built in.",
        "Reset it to its factory state and install its newest software. If it goes on, take it off the net for good.",
    ),
    "network storage": (
        "Take it off the net, save what is on it elsewhere, and install its newest software.",
        "Switch off access from outside, give it a new administrator password, look for users you do not know.",
    ),
}
_BY_KIND["tablet"] = _BY_KIND["phone"]
_LIKE_A_CAMERA = ("smart home", "printer", "speaker", "game console")
_UNKNOWN = (
    "Find it: compare its address with the list of devices in your router; switch devices off one by one.",
    "If nobody at home knows it, change the password of your wireless network: who belongs to you will come back.",
)
_GUEST = "It may be a guest's or a neighbour's: its network card has a made-up address, and it has no name."
NO_LOGS = (
    "Without logs nobody can say which device it was. Switch on what you have, and ask again after a day:",
    "  · OpenWrt: conntrack or softflowd for flows, dnsmasq's `log-queries` and its lease file",
    "  · Pi-hole or AdGuard Home: the query log",
    "  · a Fritz!Box or another router: its event log, and its list of devices",
    "  · a laptop: Zeek or tcpdump, while it stands between router and devices",
    "Until then look in this order: the router itself; cameras, video recorders and doorbells; cheap TV boxes",
    "and television sets; network storage; Windows computers; phones with apps from elsewhere; all the rest.",
    "For each: has it its newest software, a password of its own, and access from outside switched off?",
)


def advise(kind: str, verdict: Verdict, *, matched: bool, installed: str, is_guest: bool) -> tuple[str, ...]:
    """What to do; nothing for a device of which nothing is known."""
    if verdict not in {"infected", "suspicious"} and not matched:
        return ()
    if installed:
        return (
            f"Somebody at home has put {installed} on it. Ask who, and remove it:",
            "what strangers do with it is done in your name.",
        )
    known = "camera" if kind in _LIKE_A_CAMERA else kind
    steps = _BY_KIND.get(known, _UNKNOWN)
    return (_GUEST, *steps) if is_guest and steps is _UNKNOWN else steps
