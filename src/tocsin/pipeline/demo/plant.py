"""The provider's plant: access servers, lines, accounts, contracts and static assignments. Who *may* be online where.

Moments inside the generator are whole seconds since 1970, UTC. All addresses are documentation or benchmark space
(RFC 5737, RFC 3849, RFC 2544).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from random import Random

import msgspec

from tocsin.pipeline.demo.people import Person, make_people

LONG_AGO = 1_577_836_800  # 2020-01-01: when the contracts that nobody asks about began
MOVED, LEFT, TAKEN_OVER = "moved", "left", "taken over"


class Nas(msgspec.Struct, frozen=True, kw_only=True):
    """An access server: what it calls itself, the log it reports to, its address pools, how wrong its clock is."""

    name: str
    address: str
    log: str
    pool: IPv4Network
    framed: IPv6Network  # cut into /64
    delegated: IPv6Network  # cut into /56
    skew_s: int
    ports: int  # its outer VLAN, so that no two lines are named alike
    seats: int = 256  # how many prefixes it can hand out


NASES = tuple(
    Nas(
        name=name,
        address=address,
        log=log,
        pool=IPv4Network(pool),
        framed=IPv6Network(f"2001:db8:{digit}000::/48"),
        delegated=IPv6Network(f"2001:db8:{digit}100::/48"),
        skew_s=skew_s,
        ports=100 * digit,
    )
    for digit, name, address, log, pool, skew_s in (
        (1, "bng-1", "100.64.0.11", "core", "198.51.100.0/24", 1),
        (2, "bng-2", "100.64.0.12", "core", "203.0.113.0/24", -1),
        (3, "bng-3", "100.64.0.21", "edge", "198.18.0.0/24", 0),
    )
)
_NAS_WEIGHTS = (38, 36, 26)
NEVER_USED = 12  # the last addresses of each pool are never handed out
LOG_PREFIXES = {
    "core": ("198.51.100.0/24", "203.0.113.0/24", "2001:db8:1000::/36", "2001:db8:2000::/36"),
    "edge": ("198.18.0.0/24", "2001:db8:3000::/36"),
    "mobile": ("100.65.0.0/20", "2001:db8:6000::/36"),
    "fibre": ("198.18.16.0/22", "2001:db8:5000::/36"),
    "cable": ("198.18.20.0/22",),
    "cgnat": ("198.18.32.0/28",),
    "homes": ("100.72.0.0/22",),
    "deterministic": ("198.18.36.0/27",),
    "static": ("198.18.64.0/18", "2001:db8:4000::/36"),
}
OWN_PREFIXES = ("198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/16", "2001:db8::/33")
SHARED_PREFIXES = (*LOG_PREFIXES["cgnat"], *LOG_PREFIXES["deterministic"])
INTERIM_S = {
    "core": 1800,
    "edge": 3600,
    "mobile": 1800,
}  # what the provider's configuration says; others send Acct-Interim-Interval


class Tenure(msgspec.Struct, kw_only=True):
    """Who pays for a line, from when to when."""

    person: Person
    starts_at: int
    ends_at: int | None = None


class Line(msgspec.Struct, kw_only=True, eq=False):
    """A pair of wires into a home: where the truth about *who* is anchored, whatever login is used on it."""

    phone: str
    nas: Nas | None = None  # None: a static line, no PPPoE
    port_id: str = ""
    mac: str = ""
    tenures: list[Tenure]

    @property
    def server(self) -> Nas:
        if self.nas is None:
            raise ValueError(f"line {self.phone} is static")
        return self.nas

    def tenant(self, at: int) -> Person | None:
        for tenure in self.tenures:
            if tenure.starts_at <= at and (tenure.ends_at is None or at < tenure.ends_at):
                return tenure.person
        return None


class Account(msgspec.Struct, kw_only=True, eq=False):
    """A login and the line it belongs to."""

    login: str
    line: Line
    interim_s: int = 1800
    line_id_known: bool = True  # the customer file names the line's identifier
    event_timestamp: bool = True  # its access server sends Event-Timestamp for it
    flaky: bool = False  # loses its connection several times a day
    active_from: int = LONG_AGO
    active_until: int | None = None
    change: str = ""  # MOVED | LEFT | TAKEN_OVER: its contract changes during the demo


class Assignment(msgspec.Struct, kw_only=True):
    """A static address, network or port range of a shared address."""

    network: IPv4Network | IPv6Network
    account: Account
    ports: tuple[int, int] | None = None  # first and last
    protocol: str | None = None
    starts_at: int = LONG_AGO
    ends_at: int | None = None


class Plant(msgspec.Struct, kw_only=True):
    people: list[Person]
    accounts: list[Account]  # PPPoE
    static_accounts: list[Account]
    assignments: list[Assignment]


def build_plant(rng: Random, subscribers: int, begins_at: int, ends_at: int) -> Plant:
    """A provider with exactly `subscribers` people; some contracts change between the two moments."""
    people = make_people(rng, subscribers)
    waiting = iter(people)
    statics = _statics(rng, waiting, subscribers, (begins_at + ends_at) // 2)
    successors = [next(waiting) for _ in range(subscribers // 25)]
    accounts = [_pppoe(rng, person, place) for place, person in enumerate(waiting)]
    changing = rng.sample([account for account in accounts if not account.flaky], 3 * len(successors))
    middle = (begins_at + ends_at) // 2
    for place, account in enumerate(changing):
        moment = middle + rng.randrange(-21_600, 21_600)
        if place < len(successors):
            _take_over(account, successors[place], moment)
        elif place < 2 * len(successors):
            _leave(account, moment, LEFT)
        else:
            person = _leave(account, moment, MOVED)
            accounts.append(_moved_in(rng, person, len(accounts), moment))
    static_accounts = list({id(each.account): each.account for each in statics}.values())
    return Plant(people=people, accounts=accounts, static_accounts=static_accounts, assignments=statics)


def _pppoe(rng: Random, person: Person, place: int, since: int = LONG_AGO) -> Account:
    nas = rng.choices(NASES, _NAS_WEIGHTS)[0]
    line = Line(
        phone=f"00-5550-{1000 + place}",
        nas=nas,
        port_id=f"eth 1/0/{place % 8}:{nas.ports + place % 8}.{1000 + place}",
        mac="02:00:5e:" + ":".join(f"{byte:02x}" for byte in (place >> 8, place & 255, rng.randrange(256))),
        tenures=[Tenure(person=person, starts_at=since)],
    )
    return Account(
        login=f"u{200_000 + place}@demo.example",
        line=line,
        interim_s=rng.choices((900, 1800, 3600), (2, 5, 5))[0],
        line_id_known=rng.random() < 0.8,
        event_timestamp=rng.random() < 0.85,
        flaky=rng.random() < 0.15,
        active_from=since,
    )


def _take_over(account: Account, successor: Person, moment: int) -> None:
    account.line.tenures[0].ends_at = moment
    account.line.tenures.append(Tenure(person=successor, starts_at=moment))
    account.change = TAKEN_OVER


def _leave(account: Account, moment: int, change: str) -> Person:
    account.line.tenures[0].ends_at = account.active_until = moment
    account.change = change
    return account.line.tenures[0].person


def _moved_in(rng: Random, person: Person, place: int, moment: int) -> Account:
    account = _pppoe(rng, person, place, moment)
    account.change = MOVED
    return account


def _statics(rng: Random, waiting: Iterator[Person], subscribers: int, middle: int) -> list[Assignment]:
    singles = [_static_account(next(waiting), place) for place in range(subscribers // 16)]
    nets = [_static_account(next(waiting), 100 + place) for place in range(subscribers // 50)]
    sharers = [_static_account(next(waiting), 200 + place) for place in range(8 * (subscribers // 80))]
    typed = [_static_account(next(waiting), 300 + place) for place in range(8)]
    found = _singles(singles, middle)
    for place, account in enumerate(nets):
        found.append(Assignment(network=IPv4Network((f"198.18.65.{8 * place}", 29)), account=account))
        found.append(Assignment(network=IPv6Network((f"2001:db8:4100:{place << 8:x}::", 56)), account=account))
    for place, account in enumerate(sharers):
        found.append(_slice(f"198.18.66.{1 + place // 8}", account, 1024 + 7000 * (place % 8), 7000, None))
    for place, account in enumerate(typed):
        address, seat = f"198.18.67.{1 + place // 4}", place % 4
        found.append(_slice(address, account, 1024 + 15_000 * seat, 15_000, "tcp"))
        found.append(_slice(address, account, 1024 + 15_000 * ((seat + 1) % 4), 15_000, "udp"))
    rng.shuffle(found)
    return found


def _singles(accounts: list[Account], middle: int) -> list[Assignment]:
    """One address and one /56 each; the first few addresses pass to another account in the middle of the demo."""
    found = []
    for place, account in enumerate(accounts):
        address = IPv4Network((f"198.18.64.{1 + place}", 32))
        passed_on = place < len(accounts) // 4
        found.append(Assignment(network=address, account=account, ends_at=middle if passed_on else None))
        if passed_on:
            found.append(Assignment(network=address, account=accounts[-1 - place], starts_at=middle))
        found.append(Assignment(network=IPv6Network((f"2001:db8:4000:{place << 8:x}::", 56)), account=account))
    return found


def _slice(address: str, account: Account, first: int, size: int, protocol: str | None) -> Assignment:
    network = IPv4Network((IPv4Address(address), 32))
    return Assignment(network=network, account=account, ports=(first, first + size - 1), protocol=protocol)


def _static_account(person: Person, place: int) -> Account:
    line = Line(phone=f"00-5551-{1000 + place}", tenures=[Tenure(person=person, starts_at=LONG_AGO)])
    return Account(login=f"s{300_000 + place}@demo.example", line=line)
