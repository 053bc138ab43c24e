"""Which steps help: one literal table by cure (a class of threats) and device. Each name is a sentence of the words.

Steps are few on purpose: of those who were asked for five, one in four did all (Rodriguez et al., J. Cybersec. 2021).
"""

from __future__ import annotations

import msgspec

from tocsin.remedies.threat import Device

OWN = "own"  # here the threat's own steps for the device stand


class Cure(msgspec.Struct, frozen=True, kw_only=True):
    """`brief`: where the device is not known, as in a letter. `useless`: what people try in vain."""

    by_device: dict[Device, tuple[str, ...]]
    brief: tuple[str, ...]
    useless: tuple[str, ...]


# A bot in a small device: it came over the network, by the password or a hole of old software.
_BOX = ("unplug", OWN, "reset_box", "password_box", "software_box", "close_way")
_ROUTER = (OWN, "reset_box", "router_login", "password_box", "router_remote", "software_box")
_NAS = ("unplug", OWN, "save", "software_box", "accounts_nas", "reset_box", "password_box", "close_way")
_TV = ("unplug", OWN, "apps_tv", "reset_tv", "software_box", "guest")

_WINDOWS = ("unplug", OWN, "save", "updates", "scan", "apps", "reset_computer", "passwords")
_HIDDEN = ("unplug", OWN, "save", "scan_before_start", "updates", "reset_computer", "passwords")
_STOLEN = ("unplug", OWN, "scan", "updates", "reset_computer", "passwords", "sessions", "bank")
_FILES = ("unplug", OWN, "save_own_files", "scan_before_start", "reinstall", "sticks", "passwords")
_MAC = ("unplug", OWN, "updates", "scan", "apps", "reset_computer", "passwords")
_PHONE = ("unplug", OWN, "updates", "scan_phone", "app_rights", "apps", "reset_phone", "passwords")
_LINUX = ("unplug", OWN, "save_data", "reinstall_server", "keys_only", "updates", "passwords")
_BUILT_IN = ("unplug", OWN, "return", "passwords_used_there")

_OPEN = ("need", OWN, "router_login", "forward", "service_off", "keep_safe", "outside")
_OPEN_ROUTER = ("need", OWN, "router_login", "router_remote", "password_box", "software_box", "outside")
_OPEN_SERVER = ("need", OWN, "bind", "firewall", "keep_safe", "outside")

CURES: dict[str, Cure] = {
    "box": Cure(
        by_device={
            "router": _ROUTER,
            "camera": _BOX,
            "small": _BOX,
            "printer": _BOX,
            "nas": _NAS,
            "tv": _TV,
            "phone": _PHONE,
            "linux": _LINUX,
        },
        brief=("unplug", "reset_box", "password_box", "software_box", "close_way"),
        useless=("scanner_on_computer", "restart", "new_address"),
    ),
    "windows": Cure(
        by_device={"windows": _WINDOWS, "mac": _MAC, "linux": _LINUX},
        brief=("unplug", "save", "updates", "scan", "reset_computer", "passwords"),
        useless=("restart_computer", "passwords_first", "new_address"),
    ),
    "hidden": Cure(
        by_device={"windows": _HIDDEN},
        brief=("unplug", "save", "scan_before_start", "reset_computer", "passwords"),
        useless=("quick_scan", "passwords_first", "new_address"),
    ),
    "stealer": Cure(
        by_device={"windows": _STOLEN, "mac": _STOLEN, "phone": _PHONE},
        brief=("unplug", "scan", "reset_computer", "passwords", "sessions", "bank"),
        useless=("passwords_first", "only_removed", "new_address"),
    ),
    "infector": Cure(
        by_device={"windows": _FILES},
        brief=("unplug", "save_own_files", "scan_before_start", "reinstall", "sticks", "passwords"),
        useless=("old_programs", "passwords_first", "new_address"),
    ),
    "phone": Cure(
        by_device={"phone": _PHONE, "tv": _TV},
        brief=("unplug", "scan_phone", "app_rights", "apps", "reset_phone", "passwords"),
        useless=("scanner_on_computer", "delete_icon", "new_address"),
    ),
    "built-in": Cure(
        by_device={"tv": _BUILT_IN, "phone": _BUILT_IN, "small": _BUILT_IN, "camera": _BUILT_IN},
        brief=("unplug", "return", "passwords_used_there"),
        useless=("reset_built_in", "cleaning_app", "scanner_on_computer"),
    ),
    "lender": Cure(
        by_device={
            "windows": (OWN, "lenders", "scan", "updates", "reset_computer", "ask_at_home"),
            "mac": (OWN, "lenders", "scan", "updates", "reset_computer", "ask_at_home"),
            "linux": (OWN, "lenders", "updates", "ask_at_home"),
            "phone": (OWN, "lenders", "scan_phone", "updates", "reset_phone", "ask_at_home"),
            "tv": ("unplug", OWN, "apps_tv", "reset_tv", "guest"),
            "router": _ROUTER,
        },
        brief=("ask_at_home", "lenders", "scan", "apps_tv", "reset_tv"),
        useless=("closed_window", "new_address"),
    ),
    "server": Cure(
        by_device={"linux": _LINUX, "windows": _WINDOWS, "nas": _NAS, "router": _ROUTER, "small": _BOX, "camera": _BOX},
        brief=("unplug", "save_data", "reinstall_server", "keys_only", "updates", "passwords"),
        useless=("killed", "passwords_first", "new_address"),
    ),
    "exposed": Cure(
        by_device={
            "router": _OPEN_ROUTER,
            "camera": _OPEN,
            "tv": _OPEN,
            "nas": _OPEN,
            "printer": _OPEN,
            "small": _OPEN,
            "windows": _OPEN,
            "mac": _OPEN,
            "phone": _OPEN,
            "linux": _OPEN_SERVER,
        },
        brief=("need", "close", "keep_safe", "outside"),
        useless=("other_port", "scanner_on_computer", "new_address"),
    ),
}

# Where nothing more is known than the role: any device, as far as somebody can tell which it is.
UNKNOWN: dict[str, Cure] = {
    "infected": Cure(
        by_device={
            "router": (*_ROUTER, "passwords"),
            "camera": (*_BOX, "passwords"),
            "tv": (*_TV, "passwords"),
            "nas": (*_NAS, "passwords"),
            "printer": _BOX,
            "small": (*_BOX, "passwords"),
            "windows": _WINDOWS,
            "mac": _MAC,
            "linux": _LINUX,
            "phone": _PHONE,
        },
        brief=("find", "unplug", "computer", "box", "passwords"),
        useless=("passwords_first", "new_address"),
    ),
    "exposed": CURES["exposed"],
}
UNKNOWN["attacker"] = UNKNOWN["infected"]

# The steps on a page for somebody who does not know which device it is.
WITHOUT_DEVICE: dict[str, tuple[str, ...]] = {
    "infected": ("find", "find_off", "unplug", "updates", "scan", "apps", "reset_box", "password_box", "passwords"),
    "exposed": ("need", "router_login", "forward", "router_remote", "service_off", "keep_safe", "outside"),
}
WITHOUT_DEVICE["attacker"] = WITHOUT_DEVICE["infected"]

FIRST_BY_ROLE: dict[str, tuple[str, ...]] = {"infected": (), "attacker": ("ask_at_home",), "exposed": ()}
