"""The `[[followup]]` tables: what a policy may name, given the ways that are configured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tocsin.cases.followup import ANY, FollowUp, check_policies
from tocsin.terms.errors import BadConfig
from tocsin.terms.kinds import TAXONOMY_BY_KIND

REMEDIES: Mapping[str, str] = {  # how a way is opened
    "sms": 'configure a gateway: [sms] via = "http"',
    "letter": 'configure a folder: [letter] via = "folder"',
    "webhook": 'configure a receiver: [webhook] via = "http"',
    "garden": "say how an access server is told: [[garden.nas]]",
}


def check_ways(policies: Sequence[FollowUp], ways: Collection[str]) -> None:
    """BadConfig for a kind that does not exist, two policies for one kind, and a step that nothing can carry."""
    check_policies(policies)
    for policy in policies:
        for kind in policy.kinds:
            if kind != ANY and kind not in TAXONOMY_BY_KIND:
                remedy = f'an RSIT type such as infected-system, or "{ANY}" for all others'
                raise BadConfig(f"there is no kind {kind!r:.80}", where="followup.kinds", remedy=remedy)
        for number, step in enumerate(policy.steps, 1):
            if step.channel not in ways:
                what = f"step {number} for {', '.join(policy.kinds)} goes by {step.channel}, and no way is configured"
                raise BadConfig(what, where="followup.steps.channel", remedy=REMEDIES[step.channel])
