"""The table of hard cases: what each is, which answers are right, and how it is played."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tocsin.pipeline.demo import scenes_address, scenes_log, scenes_login
from tocsin.pipeline.demo.stage import Scene, Stage

Expected = frozenset[str]


def _answers(*outcomes: str) -> Expected:
    return frozenset(outcomes)


KNOWN = _answers("subscriber")
AMBIGUOUS = _answers("ambiguous")
CAREFUL = _answers("subscriber", "ambiguous")
GAP = _answers("log-gap")
SHARED = _answers("shared")
PENDING = _answers("pending")
NOBODY = _answers("no-binding")
NOBODY_OR_GAP = _answers("no-binding", "log-gap")
ANYTHING = _answers("subscriber", "pending", "shared", "ambiguous", "no-binding", "log-gap")


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """A hard case that needs actors. Its window is `before` and `after` its moment, in seconds."""

    scene: Callable[[Stage], Scene]
    times: int
    actors: int = 2
    before: int = 2_400
    after: int = 2_400
    where: str = "one-server"  # one-server | two-servers (of the core log) | anywhere


PLAYS = (
    Play(scene=scenes_address.reused, times=60),
    Play(scene=scenes_address.low_precision, times=60),
    Play(scene=scenes_address.lost_stop_reassigned, times=58, after=4_000),
    Play(scene=scenes_address.lost_stop_returns, times=58, actors=1, after=4_000),
    Play(scene=scenes_address.lost_start, times=58, after=4_200),
    Play(scene=scenes_address.lost_stop_lost_start, times=58, after=4_200),
    Play(scene=scenes_address.lost_stop_then_gap, times=62, after=9_000),
    Play(scene=scenes_address.session_timeout, times=58, actors=1, before=7_200, after=4_000),
    Play(scene=scenes_log.duplicate_records, times=32),
    Play(scene=scenes_log.late_records, times=32),
    Play(scene=scenes_log.disordered_records, times=32),
    Play(scene=scenes_log.delayed_records, times=32),
    Play(scene=scenes_log.header_disagrees, times=32),
    Play(scene=scenes_login.shared_login, times=32, where="anywhere"),
    Play(scene=scenes_login.other_line, times=32, where="anywhere"),
    Play(scene=scenes_login.new_router, times=58, actors=1),
    Play(scene=scenes_login.same_session_id, times=32, after=2_600, where="two-servers"),
)

# Which answers are right. A name in `KNOWN` or `CAREFUL` must be the true holder's; the others must name nobody.
EXPECTED: dict[str, Expected] = {
    "ordinary": KNOWN,
    "reused-just-before": KNOWN,
    "reused-just-after": KNOWN,
    "reused-inside-margin": AMBIGUOUS,
    "low-precision-crossing": AMBIGUOUS,
    "low-precision-within": KNOWN,
    "lost-stop-reassigned": KNOWN,
    "lost-stop-returns": CAREFUL,  # one line cannot be online twice, but nothing says that the first session ended
    "lost-stop-trusted": KNOWN,
    "lost-stop-then-gap": GAP,
    "lost-start": KNOWN,
    "lost-stop-lost-start": CAREFUL,
    "duplicate-records": KNOWN,
    "late-records": KNOWN,
    "out-of-order-records": KNOWN,
    "delayed-records": KNOWN,
    "header-disagrees": KNOWN,
    "nas-reboot": KNOWN,
    "nas-reboot-nobody": NOBODY_OR_GAP,
    "session-timeout": KNOWN,
    "session-timeout-nobody": NOBODY_OR_GAP,
    "same-session-id": KNOWN,
    "log-hole": GAP,
    "not-read-that-far": PENDING,
    "shared-login": AMBIGUOUS,
    "other-line": AMBIGUOUS,
    "new-router": CAREFUL,
    "taken-over": KNOWN,
    "moved-or-left": KNOWN,  # the household of then, who gets no notice now
    "static-address": KNOWN,
    "static-network": KNOWN,
    "static-passed-on": KNOWN,
    "shared-with-port": KNOWN,
    "shared-by-protocol": KNOWN,
    "shared-without-port": SHARED,
    "shared-port-outside": _answers("no-binding", "shared"),
    "v6-delegated": KNOWN,
    "v6-framed": KNOWN,
    "v6-outside": NOBODY,
    "nobody": NOBODY,
    "nobody-logged-nowhere": NOBODY_OR_GAP,
    "not-ours": _answers("not-ours"),
    "lease-ordinary": KNOWN,
    "lease-renewed": KNOWN,
    "lease-reused-before": KNOWN,
    "lease-reused-after": KNOWN,
    "lease-reused-inside-margin": AMBIGUOUS,
    "lease-release-lost": KNOWN,
    "lease-nobody": NOBODY,
    "lease-two-lines": AMBIGUOUS,
    "lease-new-router": KNOWN,
    "lease-journal-rewritten": KNOWN,
    "lease-v6-address": KNOWN,
    "lease-v6-prefix": KNOWN,
    "lease-v6-outside": NOBODY,
    "lease-not-read-that-far": PENDING,
    "cgnat-ordinary": KNOWN,
    "cgnat-reused-before": KNOWN,
    "cgnat-reused-after": KNOWN,
    "cgnat-reused-inside-margin": AMBIGUOUS,
    "cgnat-clock-skew": KNOWN,
    "cgnat-alloc-lost": KNOWN,
    "cgnat-release-lost": KNOWN,
    "cgnat-interim-lost": KNOWN,
    "cgnat-silent-block": GAP,
    "cgnat-inside-passed-on": KNOWN,
    "cgnat-inside-inside-margin": AMBIGUOUS,
    "cgnat-session-stop-lost": KNOWN,
    "cgnat-block-boundary": KNOWN,
    "cgnat-without-port": SHARED,
    "cgnat-port-outside": NOBODY,
    "cgnat-forwarded": KNOWN,  # a static forward: the port that was scanned is the household's own
    "cgnat-exposed": SHARED,
    "cgnat-session-log-hole": GAP,
    "cgnat-not-read-that-far": PENDING,
    "det-ordinary": KNOWN,
    "det-before-change": KNOWN,
    "det-after-change": KNOWN,
    "det-at-change": AMBIGUOUS,
    "det-reused-before": KNOWN,
    "det-reused-after": KNOWN,
    "det-reused-inside-margin": AMBIGUOUS,
    "det-without-port": SHARED,
    "det-port-outside": NOBODY,
    "det-not-read-that-far": PENDING,
    "spoofable": ANYTHING,  # whoever held the address, a bare packet opens no case
}
PER_CASE = 56  # sightings of each case that needs no actors; at least fifty are promised of every one
