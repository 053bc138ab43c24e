"""What people, their devices and their neighbours do, and what it was once taken for. Generated."""

from __future__ import annotations

from tests.traffic.scene import House
from tests.traffic.scenes import HOUR, MINUTE, letters, stranger


def printer_that_is_off(house: House) -> None:
    for number in range(600):
        house.flow(number * 10, "192.168.7.9", 9100, state="S0")


def windows_at_home(house: House) -> None:
    """A WSUS server of the office's that cannot be reached, updates from neighbours, names that are searched for."""
    for number in range(60):
        house.flow(number * 300, "10.20.0.5", 8530, state="S0")
        house.flow(number * 200, stranger(number), 7680, state="S0" if number % 3 else "SF")
        house.lookup(number * 60, f"wpad.{('home', 'office', 'corp')[number % 3]}.example", rcode="NXDOMAIN")


def browser_that_tries_its_resolver(house: House) -> None:
    """Chromium asks for three names without a dot at each start, to know whether its resolver lies."""
    for number in range(45):
        house.lookup(number * 500, letters(number, 10), rcode="NXDOMAIN")


def whispers_in_the_house(house: House) -> None:
    """Dropbox, SSDP, mDNS, LLMNR: said to everybody in the house."""
    for number in range(400):
        for peer, port in (("255.255.255.255", 17500), ("239.255.255.250", 1900), ("224.0.0.251", 5353)):
            house.flow(number * 30, peer, port, proto="udp", state="S0", out=200, packets=(1, 0))


def teredo(house: House) -> None:
    """RFC 4380: bubbles to relays and to others behind their routers; half of them never come back."""
    for number in range(150):
        port = 3544 if number % 2 else 40_000 + number * 91
        house.flow(
            number * 60, stranger(number), port, proto="udp", state="S0" if number % 2 else "SF", out=100, back=90
        )


def onion_router(house: House) -> None:
    for number in range(12):
        house.flow(
            number * 600, stranger(number), 9001 if number % 2 else 443, service="ssl", seconds=3000, back=4_000_000
        )


def file_sharing_without_a_tracker(house: House) -> None:
    """BEP 5: the table is asked through the addresses of last time; a film comes in."""
    for number in range(500):
        port = 6881 if number % 9 == 0 else 10_000 + number * 131 % 50_000
        state, size = ("S0", 0) if number % 2 else ("SF", 30_000_000 if number % 20 == 0 else 900)
        house.flow(number * 20, stranger(number), port, proto="udp", state=state, out=400, back=size)


def file_sharing_over_tcp(house: House) -> None:
    for number in range(300):
        state = "S0" if number % 10 else "SF"
        house.flow(
            number * 10, stranger(number), 51_413 if number % 4 else 6881, state=state, seconds=60, back=3_000_000
        )


def wallet(house: House) -> None:
    for number in range(200):
        house.flow(number * 30, stranger(number), 18_080 if number % 2 else 9333, state="S0" if number % 8 else "SF")


def television_over_multicast(house: House) -> None:
    house.flow(0, "239.1.2.3", 5004, proto="udp", state="S0", seconds=4 * HOUR, out=100, packets=(5, 0))


def camera_to_its_cloud(house: House) -> None:
    house.flow(0, "203.0.113.60", 8700, seconds=10 * HOUR, out=4_000_000_000, back=9_000_000)


def camera_whose_cloud_has_ended(house: House) -> None:
    house.lookup(0, "p2p.camera-maker.example", "203.0.113.61")
    for number in range(3000):
        house.flow(number * 5, "203.0.113.61", 32_100, state="S0")


def house_that_is_looked_after(house: House) -> None:
    """Home Assistant under a lent name, its page open all day."""
    house.lookup(0, "our-house.duckdns.org", "203.0.113.62")
    for number in range(200):
        house.flow(number * 60, "203.0.113.62", 8123, service="ssl", seconds=55, out=900, back=4_000)


def monitor(house: House) -> None:
    """Nagios: thirty servers by name every five minutes; four are down."""
    for server in range(30):
        house.lookup(server, f"srv{server}.work.example", f"203.0.113.{70 + server}")
        for number in range(60):
            state = "S0" if server % 8 == 0 else "SF"
            house.flow(20 + number * 300 + server, f"203.0.113.{70 + server}", (22, 443, 80)[server % 3], state=state)


def playbooks(house: House) -> None:
    """Ansible: twelve servers, a short shell each minute; each carries its module along."""
    for server in range(12):
        house.lookup(server, f"node{server}.work.example", f"203.0.113.{110 + server}")
        for number in range(40):
            house.flow(
                60 + number * 60 + server, f"203.0.113.{110 + server}", 22, service="ssh", seconds=2, out=120_000
            )


def store_of_files(house: House) -> None:
    for number in range(200):
        house.flow(number * 60, "192.168.7.20", 445, seconds=1, out=2_000, back=4_000)


def server_whose_callers_are_forged(house: House) -> None:
    """A page at home under a flood of SYNs: what it answers goes to strangers, who have not asked."""
    for number in range(2000):
        house.flow(number * 0.1, stranger(number), 1024 + number * 31 % 60_000, state="OTH", back=0, packets=(2, 0))


def call(house: House) -> None:
    """WebRTC: a STUN server, a dozen ways that are tried, one that is taken."""
    house.flow(0, "203.0.113.63", 19_302, proto="udp", out=60, back=90)
    for number in range(12):
        house.flow(2, stranger(number), 50_000 + number * 77, proto="udp", state="S0", out=100, packets=(4, 0))
    house.flow(3, stranger(1), 50_077, proto="udp", seconds=HOUR, out=500_000_000, back=480_000_000)


def live_broadcast(house: House) -> None:
    """SRT: twenty megabits a second out, a word of thanks for every thirty packets."""
    packets = (6_000_000, 220_000)
    house.flow(0, "203.0.113.64", 9710, proto="udp", seconds=HOUR, out=8_000_000_000, back=15_000_000, packets=packets)


def plug_in_the_wall(house: House) -> None:
    house.lookup(0, "mqtt.plugs.example", "203.0.113.65")
    for number in range(600):
        house.flow(number * MINUTE, "203.0.113.65", 8886, seconds=1, out=120, back=120)


def shopping(house: House) -> None:
    """Pages with their hundred third parties, over a day."""
    for number in range(900):
        house.lookup(number * 60, f"cdn{number % 97}.third-party{number % 31}.example", f"198.51.100.{number % 50}")
        house.flow(number * 60 + 1, f"198.51.100.{number % 50}", 443, service="ssl")


def student_who_scans_his_server(house: House) -> None:
    """nmap against a machine of his own, outside: it is what it looks like, and no bot."""
    for number in range(300):
        house.flow(number * 0.1, "203.0.113.66", 1 + number, state="REJ")


BENIGN = (
    *(printer_that_is_off, windows_at_home, browser_that_tries_its_resolver, whispers_in_the_house, teredo),
    *(onion_router, file_sharing_without_a_tracker, file_sharing_over_tcp, wallet, television_over_multicast),
    *(camera_to_its_cloud, camera_whose_cloud_has_ended, house_that_is_looked_after, monitor, playbooks),
    *(store_of_files, server_whose_callers_are_forged, call, live_broadcast, plug_in_the_wall, shopping),
    *(student_who_scans_his_server,),
)
