"""Sightings that need no actors: they are taken from what the world did by itself.

Each function adds up to `PER_CASE` sightings of its cases. All read the finished world, none reads a log.
"""

from __future__ import annotations

from ipaddress import IPv6Network
from random import Random

from tocsin.pipeline.demo.bots import Stay
from tocsin.pipeline.demo.hard_cases import EXPECTED, PER_CASE
from tocsin.pipeline.demo.planning import Timetable
from tocsin.pipeline.demo.plant import LEFT, MOVED, NASES, TAKEN_OVER
from tocsin.pipeline.demo.seen import PLAIN_LOOK, SINKHOLE, Look, Witness, any_address, inside
from tocsin.pipeline.demo.standing import EDGE_S, elsewhere, static_sightings
from tocsin.pipeline.demo.world import Reboot, Session, World
from tocsin.terms.roles import Role

_SETTLED_S = 120  # further from any change than every clock margin


class Bystanders:
    """Adds the sightings of one finished world to `witness`."""

    def __init__(self, world: World, times: Timetable, witness: Witness, rng: Random) -> None:
        self.world, self.times, self.witness, self.rng = world, times, witness, rng
        self._spans = {session.number: span for session in world.sessions if (span := self._span(session))}
        self.clean = [
            session
            for session in world.sessions
            if not session.staged and session.number in self._spans and not self._ended_in_the_dark(session)
        ]

    def all(self) -> None:
        self.ordinary()
        self.contracts()
        self.v6()
        self.spoofable()
        self.log_hole()
        self.not_read_that_far()
        self.reboots()
        self.nobody()
        static_sightings(self.world.plant, self.times, self.witness, self.rng)
        elsewhere(self.times, self.witness, self.rng)

    def stays(self) -> list[Stay]:
        """The sessions of which nothing is hard."""
        return [Stay(session, *self._spans[session.number]) for session in self.clean]

    def see(self, case: str, address: str, at: int, look: Look = PLAIN_LOOK) -> None:
        self.witness.see(case, EXPECTED[case], address, at, look)

    def ordinary(self) -> None:
        """Some infected households, seen again and again, as a feed sees them."""
        logins = sorted({session.account.login for session in self.clean if not session.account.change})
        sick = set(self.rng.sample(logins, len(logins) // 8))
        sessions = [session for session in self.clean if session.account.login in sick]
        for _ in range(10 * PER_CASE if sessions else 0):
            session = self.rng.choice(sessions)
            self.see("ordinary", any_address(self.rng, session), self._moment(session))

    def contracts(self) -> None:
        """The contract changed hands, or ended, during the demo: the household of that moment is meant."""
        for case, changes in (("taken-over", (TAKEN_OVER,)), ("moved-or-left", (MOVED, LEFT))):
            sessions = [session for session in self.clean if session.account.change in changes]
            tries = 0
            made = 0
            while sessions and made < PER_CASE and tries < 5_000:
                tries += 1
                session = self.rng.choice(sessions)
                at = self._moment(session)
                changed_at = max(tenure.starts_at for tenure in session.line.tenures)
                if case == "moved-or-left" and session.line.tenures[0].ends_at is None:
                    continue  # the new home of somebody who moved: nothing is hard about it
                if abs(at - changed_at) > _SETTLED_S:
                    self.see(case, any_address(self.rng, session), at)
                    made += 1

    def v6(self) -> None:
        for _ in range(PER_CASE):
            session = self.rng.choice(self.clean)
            self.see("v6-delegated", inside(self.rng, session.delegated), self._moment(session))
            session = self.rng.choice(self.clean)
            self.see("v6-framed", inside(self.rng, session.framed), self._moment(session))
            nas = self.rng.choice(NASES)
            unused = IPv6Network((int(nas.delegated.network_address) + (1 << 80), 48))
            self.see("v6-outside", inside(self.rng, str(unused)), self._logged_moment(nas.log))

    def spoofable(self) -> None:
        for _ in range(PER_CASE):
            session = self.rng.choice(self.clean)
            look = Look(report=SINKHOLE, protocol="udp", role=Role.LEAD)
            self.see("spoofable", session.address, self._moment(session), look)

    def log_hole(self) -> None:
        """The edge log lost everything for more than an hour while people reconnected."""
        first, last = self.times.hole[0] + 300, self.times.hole[1] - 300
        sessions = [each for each in self.world.sessions if each.nas.log == "edge" and each.starts_at < last]
        changed = [each for each in sessions if each.starts_at > first or first < (each.ends_at or last) < last]
        for _ in range(PER_CASE):
            session = self.rng.choice(changed)
            span = (max(first, session.starts_at + 5), min(last, session.ends_at or last) - 5)
            if span[0] < span[1]:
                self.see("log-hole", any_address(self.rng, session), self.rng.randrange(*span))

    def not_read_that_far(self) -> None:
        """Seen after the last record of the log: another session may hold the address by now."""
        sessions = [each for each in self.world.sessions if each.alive(self.times.ends_at - 1)]
        for _ in range(PER_CASE):
            session = self.rng.choice(sessions)
            first = max(self.times.cuts[session.nas.log] + 120, session.starts_at + 5)
            if first < self.times.ends_at - 10:
                at = self.rng.randrange(first, self.times.ends_at - 5)
                self.see("not-read-that-far", any_address(self.rng, session), at)

    def reboots(self) -> None:
        """A server threw everybody out without a Stop; minutes later the addresses belong to others, or to nobody."""
        for reboot in self.world.reboots:
            killed = [s for s in self.world.sessions if s.nas is reboot.nas and s.ends_at == reboot.off_at]
            before = [s for s in killed if reboot.off_at - s.last_report(reboot.off_at) > 120]
            by_address = {session.address: session for session in killed}
            back = [
                each
                for each in self.world.sessions
                if each.nas is reboot.nas and reboot.on_at <= each.starts_at < reboot.on_at + 600
            ]
            others = [s for s in back if s.address in by_address and by_address[s.address].account is not s.account]
            for session in self._some(before, PER_CASE // 4):
                at = self.rng.randrange(session.last_report(reboot.off_at) + 20, reboot.off_at - 30)
                self.see("nas-reboot", session.address, at)
            for session in self._some(others, PER_CASE // 2):
                stayed_s = (session.ends_at or self.times.ends_at) - session.starts_at
                if stayed_s > 120:
                    at = session.starts_at + self.rng.randrange(25, min(600, stayed_s - 60))
                    self.see("nas-reboot", session.address, at)
            self._nobody_after(reboot, killed)

    def _nobody_after(self, reboot: Reboot, killed: list[Session]) -> None:
        """Addresses that stay free for a while, although an Interim before the reboot would vouch for them."""
        for session in self._some(killed, len(killed)):
            first = reboot.on_at + 60
            last = session.last_report(reboot.off_at) + session.account.interim_s - 30
            last = min(
                [last] + [s.starts_at - 60 for s in self._on_address(session) if s.starts_at > session.starts_at]
            )
            if first < last:
                self.see("nas-reboot-nobody", session.address, self.rng.randrange(first, last))

    def nobody(self) -> None:
        """Between two sessions, when the log is whole; and addresses that were never handed out."""
        made = 0
        for session in self._some(self.clean, len(self.clean)):
            if session.ends_at is None or "stop" in session.flaws.lost or made >= PER_CASE // 2:
                continue
            first, last = session.ends_at + _SETTLED_S, self._limit(session.nas.log)
            last = min(
                [last]
                + [
                    s.starts_at - _SETTLED_S
                    for s in self._on_address(session)
                    if s is not session and s.starts_at >= session.starts_at
                ]
            )
            if first < last and not self._in_hole(session, first, last):
                self.see("nobody", session.address, self.rng.randrange(first, last))
                made += 1
        for _ in range(PER_CASE - made + 4):
            nas = self.rng.choice(NASES)
            address = str(nas.pool.broadcast_address - self.rng.randrange(1, 12))
            self.see("nobody", address, self._logged_moment(nas.log))

    def _on_address(self, session: Session) -> list[Session]:
        return [each for each in self.world.sessions if each.address == session.address]

    def _some(self, sessions: list[Session], count: int) -> list[Session]:
        return self.rng.sample(sessions, min(count, len(sessions)))

    def _limit(self, log: str) -> int:
        return self.times.cuts[log] - EDGE_S

    def _in_hole(self, session: Session, first: int, last: int) -> bool:
        hole = self.times.hole
        return session.nas.log == "edge" and first < hole[1] + EDGE_S and last > hole[0] - EDGE_S

    def _ended_in_the_dark(self, session: Session) -> bool:
        """Its Stop is lost, and its household may be back before the log is: no ordinary case."""
        return session.nas.log == "edge" and self.times.hole[0] <= (session.ends_at or 0) < self.times.hole[1]

    def _span(self, session: Session) -> tuple[int, int] | None:
        """Where a sighting of it is beyond doubt: in the log, settled, away from the hole; the longer side of it."""
        ends_at = session.ends_at or self.times.ends_at
        first = max(session.starts_at + _SETTLED_S, self.times.begins_at + 7_200)
        last = min(ends_at - _SETTLED_S, self._limit(session.nas.log))
        if self._in_hole(session, first, last):
            before, after = (first, self.times.hole[0] - EDGE_S), (self.times.hole[1] + EDGE_S, last)
            first, last = max(before, after, key=lambda span: span[1] - span[0])
        return (first, last) if last - first > 60 else None

    def _moment(self, session: Session) -> int:
        return self.rng.randrange(*self._spans[session.number])

    def _logged_moment(self, log: str) -> int:
        """Any moment at which that log is whole."""
        first, last = self.times.begins_at + 7_200, self._limit(log)
        if log == "edge":
            last = self.times.hole[0] - EDGE_S if self.rng.random() < 0.5 else last
            first = first if last < self.times.hole[0] else self.times.hole[1] + EDGE_S
        return self.rng.randrange(first, last)
