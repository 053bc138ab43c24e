"""Bots, as those who took them apart describe them (IoT-23, CTU-13, reports): each must be found by flows alone."""

from __future__ import annotations

from tests.traffic.scene import House
from tests.traffic.scenes import HOUR, dns_tunnel, letters, made_up_names, mirai, p2p_bot, spammer, stranger


def hajime(house: House) -> None:
    """Edwards and Profetis 2016: telnet by chance, its orders over BitTorrent's table, whose door it looks up."""
    house.lookup(0, "router.bittorrent.com", "203.0.113.20")
    for number in range(300):
        port = 10_000 + number * 137 % 50_000
        house.flow(
            number * 9, stranger(number), port, proto="udp", state="S0" if number % 2 else "SF", out=100, back=300
        )
        house.flow(number * 5, stranger(500 + number), 23 if number % 3 else 5358, state="S0", packets=(1, 0))


def gafgyt(house: House) -> None:
    """Marzano et al. 2018: one open line to its master, told to throw packets."""
    house.flow(0, "203.0.113.21", 666, seconds=6 * HOUR, out=4_000, back=9_000)
    house.flow(HOUR, "203.0.113.22", 27_015, proto="udp", seconds=60, out=90_000_000, back=0, packets=(95_000, 0))


def hakai(house: House) -> None:
    """NewSky 2018: doors of routers (37215, 52869), and a master that is gone."""
    for number in range(200):
        house.flow(number * 8, stranger(number), 37_215 if number % 2 else 52_869, state="S0", packets=(1, 0))
        house.flow(number * 10, "203.0.113.23", 8080, state="S0")


def okiru_slowly(house: House) -> None:
    """One door in a minute and a half: forty an hour."""
    for number in range(160):
        house.flow(number * 90, stranger(number), 37_215, state="S0", packets=(1, 0))


def kaiten(house: House) -> None:
    """An IRC bot of devices: its channel, by number, for as long as it lives."""
    house.flow(0, "203.0.113.24", 6667, service="irc", seconds=15 * HOUR, out=60_000, back=90_000)


def muhstik(house: House) -> None:
    """Lacework 2022: SSH and web doors, orders over IRC on a port of its own."""
    for number in range(260):
        house.flow(number * 10, stranger(number), 22, state="SF" if number % 9 == 0 else "S0", seconds=2)
    house.flow(0, "203.0.113.25", 9090, service="irc", seconds=5 * HOUR, out=30_000, back=40_000)


def miner_that_spreads(house: House) -> None:
    """360 Netlab 2018, ADB.Miner: port 5555 of others, a pool for itself."""
    for number in range(120):
        house.flow(number * 20, stranger(number), 5555, state="S0", packets=(1, 0))
    house.lookup(0, "pool.supportxmr.com", "203.0.113.26")


def neris(house: House) -> None:
    """García et al. 2014, CTU-13 scenarios 1, 2 and 9: spam, clicks, and orders over HTTP."""
    spammer(house)
    for number in range(300):
        house.flow(number * 40, f"203.0.113.{number % 40 + 30}", 80, service="http")


def rbot(house: House) -> None:
    """CTU-13 scenarios 4, 10 and 11: ICMP and UDP, as fast as the line goes."""
    house.flow(500, "203.0.113.27", 0, proto="icmp", seconds=110, out=100_000_000, back=0, packets=(120_000, 0))


def virut(house: House) -> None:
    """CTU-13 scenarios 5 and 13; NASK 2013: spam, and names that it makes up when its master is away."""
    made_up_names(house)
    for number in range(25):
        house.flow(number * 60, stranger(number), 25, service="smtp")


def murlo(house: House) -> None:
    """CTU-13 scenario 8: Windows' doors, network after network."""
    for number in range(300):
        house.flow(number * 2, f"100.140.{number // 200}.{number % 200 + 1}", (135, 139, 445)[number % 3], state="S0")


def nsis(house: House) -> None:
    """CTU-13 scenario 12: a net without a master."""
    p2p_bot(house)


def remcos_without_its_master(house: House) -> None:
    """Refused at once, and at once again: nothing else to be seen."""
    for number in range(800):
        house.flow(number * 1.4, "203.0.113.28", 5888, state="REJ")


def androrat(house: House) -> None:
    for number in range(8):
        house.flow(number * 800, "203.0.113.29", 1337, seconds=700, out=4_000_000, back=3_000)


BOTS = (
    *(mirai, hajime, gafgyt, hakai, okiru_slowly, kaiten, muhstik, miner_that_spreads, neris, rbot, virut, murlo),
    *(nsis, remcos_without_its_master, androrat, dns_tunnel),
)


def torii(house: House) -> None:
    """Avast 2018: a name, port 443, what looks like TLS, now and then."""
    house.lookup(0, f"top.{letters(3, 9)}.example", "203.0.113.40")
    for number in range(14):
        house.flow(number * 1800, "203.0.113.40", 443, seconds=20, out=900, back=1500)


def sogou(house: House) -> None:
    """CTU-13 scenario 7: a few downloads over HTTP."""
    house.lookup(0, "update.toolbar.example", "203.0.113.41")
    for number in range(60):
        house.flow(number * 30, "203.0.113.41", 80, service="http", back=400_000)


UNSEEN = (torii, sogou)
