"""Follow-up policies as tables and as a drawing, both from the structs that the house is configured with. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tocsin.cases.followup import ANY, DEFAULT, WHENS, FollowUp, Step
from tocsin.measure.draw import STYLE
from tocsin.measure.words import Table

WIDTH = 780
_HEAD, _ROW, _GAP, _EDGE = 34, 40, 14, 12
_MIDDLE = 30  # of the circles
_CHANNEL_X, _WHEN_X = 56, 136
_STYLE = (
    ".policies{font-size:13px}.policies text{fill:var(--ink)}.policies .title{font-weight:600}"
    ".policies .soft{fill:var(--soft)}.policies .dot{fill:var(--s1)}.policies .dot.garden{fill:var(--s2)}"
    ".policies .rail{stroke:var(--edge);stroke-width:2}.policies .number{fill:var(--sheet);font-weight:600}"
    ".policies .again{fill:none;stroke:var(--edge);stroke-dasharray:3 3}"
)


def shown(policies: Sequence[FollowUp]) -> list[FollowUp]:
    """Those policies, and what holds for all other kinds where none of them says so."""
    if any(ANY in policy.kinds for policy in policies):
        return list(policies)
    return [*policies, DEFAULT]


def title_of(policy: FollowUp) -> str:
    """For whom it is, in words."""
    kinds = [kind for kind in policy.kinds if kind != ANY]
    others = ["all other kinds"] if ANY in policy.kinds else []
    return ", ".join([*kinds, *others])


def wait_of(number: int, step: Step) -> str:
    """How long it waits, and for what the wait counts."""
    since = "after the case was opened" if number == 1 else "after the step before"
    if step.after_days == 0:
        return "at once"
    return f"{step.after_days} {'day' if step.after_days == 1 else 'days'} {since}"


def policy_table(policy: FollowUp) -> Table:
    """A row a step."""
    rows = tuple(
        (str(number), step.channel, wait_of(number, step), WHENS[step.when])
        for number, step in enumerate(policy.steps, 1)
    )
    return Table(title_of(policy), ("step", "by", "waits", "and if"), rows)


def again_of(policy: FollowUp) -> str:
    """What follows the last step."""
    last = policy.steps[-1]
    when = WHENS["resighted" if last.when == "seen" else last.when]
    often = f"after {last.after_days} days at the soonest" if last.after_days > 1 else "as often as the rest allows"
    return f"then {last.channel} again, {often}, if {when}"


def policies_svg(policies: Sequence[FollowUp]) -> str:
    """One drawing that stands alone: the policies below one another, their steps from top to bottom."""
    heights = [_height(policy) for policy in policies]
    tops = [_EDGE + sum(heights[:place]) for place in range(len(heights))]
    words = "; ".join(_words(policy) for policy in policies)
    parts = [
        f'<svg class="chart policies" viewBox="0 0 {WIDTH} {_EDGE + sum(heights)}" role="img" '
        'aria-labelledby="policies-title policies-words" xmlns="http://www.w3.org/2000/svg">',
        f"<style>{STYLE}{_STYLE}</style>",
        '<title id="policies-title">What is done, step by step</title>',
        f'<desc id="policies-words">{escape(words)}</desc>',
        *(part for policy, top in zip(policies, tops, strict=True) for part in _policy(policy, top)),
    ]
    return "\n".join([*parts, "</svg>", ""])


def _height(policy: FollowUp) -> int:
    return _HEAD + _ROW * (len(policy.steps) + 1) + _GAP


def _words(policy: FollowUp) -> str:
    steps = (f"{n} {step.channel}, {wait_of(n, step)}, if {WHENS[step.when]}" for n, step in enumerate(policy.steps, 1))
    return f"{title_of(policy)}: {'; '.join(steps)}; {again_of(policy)}"


def _policy(policy: FollowUp, top: int) -> Iterator[str]:
    yield f'<text class="title" x="{_EDGE}" y="{top + 18}">{escape(title_of(policy))}</text>'
    first, last = _y(top, 1), _y(top, len(policy.steps))
    yield f'<line class="rail" x1="{_MIDDLE}" y1="{first}" x2="{_MIDDLE}" y2="{last}"/>'
    for number, step in enumerate(policy.steps, 1):
        yield from _step(number, step, _y(top, number))
    below = last + _ROW
    yield f'<path class="again" d="M{_MIDDLE} {last + 13}V{below}H{_CHANNEL_X - 6}"/>'
    yield f'<text class="soft" x="{_CHANNEL_X}" y="{below + 4}">{escape(again_of(policy))}</text>'


def _step(number: int, step: Step, y: int) -> Iterator[str]:
    kind = "dot garden" if step.channel == "garden" else "dot"
    yield f'<circle class="{kind}" cx="{_MIDDLE}" cy="{y}" r="12"/>'
    yield f'<text class="number" x="{_MIDDLE}" y="{y + 4}" text-anchor="middle">{number}</text>'
    yield f'<text class="title" x="{_CHANNEL_X}" y="{y + 4}">{step.channel}</text>'
    said = f"{wait_of(number, step)}, if {WHENS[step.when]}"
    yield f'<text class="soft" x="{_WHEN_X}" y="{y + 4}">{escape(said)}</text>'


def _y(top: int, number: int) -> int:
    return top + _HEAD + _ROW * (number - 1) + 16
