"""For every behaviour a scene in which it shows, and a near miss in which it must not. Generated, as is published.

Each scene plays in a house of its own. A near miss is what people, their programs or their neighbours do as well.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from tests.traffic.scene import House
from tocsin.traffic.lists import Indicator

Act = Callable[[House], None]
HOUR, MINUTE = 3600, 60


class Scene(msgspec.Struct, frozen=True):
    """`shows`: it is found. `misses`: it is not, or says less than a suspicion. `source`: who described the bot."""

    shows: Act
    misses: Act
    source: str


def stranger(number: int) -> str:
    """Many addresses in a hundred networks."""
    return f"100.{130 + number % 100}.{number // 100 % 250}.{1 + number * 7 % 250}"


def letters(number: int, size: int) -> str:
    state, text = number * 7919 + 13, ""
    for _ in range(size):
        state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        text += "abcdefghijklmnopqrstuvwxyz"[(state >> 16) % 26]
    return text


def trap_answers(house: House) -> None:
    house.flow(100, "203.0.113.201", 80, service="http")


def trap_of_another_year(house: House) -> None:
    house.flow(100, "203.0.113.202", 80, service="http")


TRAPS = (
    Indicator(kind="address", value="203.0.113.201", list="traps", role="sinkhole", malware="simda"),
    Indicator(
        kind="address",
        value="203.0.113.202",
        list="traps",
        role="sinkhole",
        valid_until=datetime(2024, 1, 1, tzinfo=UTC),
    ),
)


def syn_flood(house: House) -> None:
    for number in range(1500):
        house.flow(HOUR + number * 0.03, "203.0.113.90", 80, state="OTH", back=0, packets=(3, 0))


def measurement(house: House) -> None:
    """iperf3 -u: its packets go one way, what it has to say goes over TCP."""
    house.flow(100, "203.0.113.91", 5201, seconds=12, out=600, back=500)
    house.flow(101, "203.0.113.91", 5201, proto="udp", seconds=10, out=120_000_000, back=0, packets=(90_000, 0))


def mirai(house: House) -> None:
    for number in range(400):
        house.flow(number, stranger(number), 2323 if number % 10 == 9 else 23, state="S0", packets=(1, 0))


def coin_node(house: House) -> None:
    """Bitcoin Core and an Ethereum node: nine in ten of the addresses that others told them of are gone."""
    for number in range(300):
        state = "S0" if number % 10 else "SF"
        house.flow(number * 3, stranger(number), 8333 if number % 2 else 30303, state=state, seconds=600)


def owner_scans(house: House) -> None:
    for target in range(1, 60):
        house.flow(target, f"192.168.7.{target + 100}", 22, state="S0")


def few_services(house: House) -> None:
    for port in (80, 443, 8080, 22, 445, 631, 9100, 5000, 5001, 32400, 8096, 1883, 8123, 548):
        house.flow(port, "192.168.7.2", port, state="REJ")


def spammer(house: House) -> None:
    for number in range(60):
        house.flow(number * 20, stranger(number), 25, service="smtp", out=9_000, back=700)


def mail_program(house: House) -> None:
    for number in range(100):
        house.flow(number * 120, f"203.0.113.{110 + number % 3}", 587, service="smtp")


def password_guesser(house: House) -> None:
    for number in range(600):
        house.flow(number * 3, stranger(number % 8), 22, service="ssh", seconds=2, out=1_900, back=2_400)


def repository(house: House) -> None:
    house.lookup(0, "git.work.example", "203.0.113.120")
    for number in range(120):
        house.flow(number * MINUTE, "203.0.113.120", 22, service="ssh", seconds=1, out=2_000, back=3_000)


def p2p_bot(house: House) -> None:
    for number in range(480):
        peer, state = number % 120, "S0" if number % 3 == 0 else "SF"
        port = 1025 + peer * 523
        house.flow(number * 40, stranger(peer), port, proto="udp", state=state, out=120, back=300, packets=(2, 2))


def game_browser(house: House) -> None:
    """Valve: a list of servers is asked for one by one, again and again; most are full, far or gone."""
    for number in range(900):
        server, state = number % 300, "S0" if number % 2 else "SF"
        port = 27015 + server % 60
        house.flow(number, stranger(server), port, proto="udp", state=state, out=53, back=200, packets=(1, 1))


def made_up_names(house: House) -> None:
    for number in range(80):
        name = f"{letters(number, 11 + number % 7)}.{('com', 'net', 'biz', 'info', 'org')[number % 5]}"
        house.lookup(number * 15, name, rcode="NXDOMAIN")


def search_list(house: House) -> None:
    """A laptop outside its office appends the office's domain to all that it asks for."""
    for number in range(200):
        house.lookup(number * 30, f"{letters(number, 9)}.corp.office.example", rcode="NXDOMAIN")


def dns_tunnel(house: House) -> None:
    for number in range(500):
        house.lookup(number, f"{letters(number, 50)}.t.relay.example", "203.0.113.7", kind="TXT")


def pictures(house: House) -> None:
    for number in range(500):
        house.lookup(number * 5, f"img{number}.pictures.example", "203.0.113.8")


def fast_flux(house: House) -> None:
    for number in range(80):
        house.lookup(number * 300, "win.prize.example", stranger(9000 + number))


def content_network(house: House) -> None:
    for number in range(200):
        house.lookup(
            number * 300, "www.big-site.example", ",".join(f"203.0.113.{number % 2 * 8 + n}" for n in range(8))
        )


def njrat(house: House) -> None:
    for number in range(300):
        house.flow(number * 3, "203.0.113.130", 1177, state="REJ" if number % 10 else "SF")


def chat(house: House) -> None:
    house.lookup(0, "irc.club.example", "203.0.113.131")
    house.flow(1, "203.0.113.131", 6667, service="irc", seconds=14 * HOUR, out=80_000, back=2_000_000)


def asyncrat(house: House) -> None:
    house.lookup(0, "winupdates7.duckdns.org", "203.0.113.132")
    for number in range(30):
        house.flow(number * 100, "203.0.113.132", 4041, seconds=60, out=600, back=300)


def home_camera(house: House) -> None:
    """The owner looks after his own house from afar, under the name that his router registers."""
    house.lookup(0, "our-home.duckdns.org", "203.0.113.133")
    for number in range(30):
        house.flow(number * 100, "203.0.113.133", 443, service="ssl", seconds=60)


def dead_master(house: House) -> None:
    for number in range(1200):
        house.flow(number * 1.5, "203.0.113.140", 5888, state="REJ")


def dropped_vpn(house: House) -> None:
    """The office's concentrator was there in the morning and is not now; the client does not rest."""
    house.lookup(0, "vpn.office.example", "203.0.113.141")
    house.flow(1, "203.0.113.141", 10443, seconds=HOUR, out=10**7, back=10**8)
    for number in range(1200):
        house.flow(2 * HOUR + number * 15, "203.0.113.141", 443, state="S0")


def clockwork(house: House) -> None:
    for number in range(120):
        house.flow(number * 60 + number % 2, "203.0.113.150", 4449, seconds=0.5, out=310, back=210)


def television(house: House) -> None:
    house.lookup(0, "telemetry.tv.example", "203.0.113.151")
    for number in range(120):
        house.flow(number * 300, "203.0.113.151", 443, service="ssl", out=600, back=600)


def open_for_hours(house: House) -> None:
    house.flow(0, "203.0.113.160", 4448, seconds=5 * HOUR, out=30_000, back=20_000)


def shell(house: House) -> None:
    """An administrator's session to a machine of his own, by number, on another port than usual."""
    house.flow(0, "203.0.113.161", 2022, service="ssh", seconds=14 * HOUR, out=900_000, back=9_000_000)


def spied_phone(house: House) -> None:
    for number in range(6):
        house.flow(number * 700, "203.0.113.170", 8989, seconds=600, out=3_000_000, back=2_500)


def backup_to_a_friend(house: House) -> None:
    for number in range(4):
        house.flow(number * 2000, "203.0.113.171", 6281, seconds=1800, out=2_000_000_000, back=4_000_000)


def proxy(house: House) -> None:
    house.flow(0, "203.0.113.180", 911, seconds=4 * HOUR, out=60_000_000, back=9_000_000)
    for number in range(60):
        house.flow(60 + number * 200, stranger(number), 443, service="ssl", seconds=20, out=150_000, back=1_000_000)


def tunnel_to_work(house: House) -> None:
    house.flow(0, "203.0.113.181", 8444, seconds=4 * HOUR, out=60_000_000, back=900_000_000)
    for number in range(60):
        house.flow(60 + number * 200, stranger(number), 443, service="ssl", seconds=20, out=2_000, back=30_000)


def miner(house: House) -> None:
    house.flow(0, "203.0.113.190", 3333, seconds=5 * HOUR, out=300_000, back=500_000)


def developer(house: House) -> None:
    house.lookup(0, "staging.work.example", "203.0.113.191")
    for number in range(20):
        house.flow(number * number * 50, "203.0.113.191", 3333, seconds=3, out=2_000, back=300_000)


SCENES: dict[str, Scene] = {
    "indicator": Scene(trap_answers, trap_of_another_year, "Shadowserver: what a sinkhole is"),
    "flood": Scene(syn_flood, measurement, "Antonakakis et al., Understanding the Mirai botnet, 2017"),
    "scan": Scene(mirai, coin_node, "Antonakakis et al. 2017; near miss: Bitcoin Core's and geth's peer discovery"),
    "scan-ports": Scene(owner_scans, few_services, "Jung et al. 2004"),
    "mail": Scene(spammer, mail_program, "García et al. 2014: Neris (CTU-13, scenario 1)"),
    "logins": Scene(password_guesser, repository, "CISA: Muhstik and its kin guess SSH passwords"),
    "peers": Scene(p2p_bot, game_browser, "Zhang et al. 2011; Falliere: Sality, story of a P2P virus, 2011"),
    "dga": Scene(made_up_names, search_list, "Plohmann et al. 2016"),
    "tunnel": Scene(dns_tunnel, pictures, "dnscat2 and iodine, by their own documents"),
    "flux": Scene(fast_flux, content_network, "Holz et al. 2008"),
    "control-port": Scene(njrat, chat, "Fidelis, njRAT uncovered, 2013"),
    "lent-name": Scene(asyncrat, home_camera, "Corelight on AsyncRAT under dynamic names, 2024"),
    "retries": Scene(dead_master, dropped_vpn, "Remcos and Hakai after their servers were taken down"),
    "beacon": Scene(clockwork, television, "Hu et al., BAYWATCH, 2016"),
    "held": Scene(open_for_hours, shell, "RITA: long connections"),
    "steered": Scene(spied_phone, backup_to_a_friend, "Stratosphere: Android Mischief dataset"),
    "relay": Scene(proxy, tunnel_to_work, "Bitsight on Socks5Systemz, 2023"),
    "mining": Scene(miner, developer, "Stratum, by the pools' own pages"),
}
