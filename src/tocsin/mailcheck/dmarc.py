"""DMARC (RFC 9989) by the tree walk, and beside it as RFC 7489 had it with the list of public suffixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from tocsin.mailcheck.dmarc_record import Policy, PolicyRecord, record_at
from tocsin.mailcheck.domains import is_within, registrable
from tocsin.mailcheck.limits import WALK_QUERIES_MAX
from tocsin.mailcheck.resolver import NotLookedUp, RecordKind, Resolver

Result = Literal["pass", "fail", "none", "temperror", "no-author"]
_ONE_BELOW: dict[Policy, Policy] = {"reject": "quarantine", "quarantine": "none", "none": "none"}
_KINDS: tuple[RecordKind, ...] = ("A", "AAAA", "MX", "TXT")


class Identifiers(msgspec.Struct, frozen=True, kw_only=True):
    """The domains that DKIM and SPF authenticated; `missing` says what could not be looked up, if anything."""

    dkim: tuple[str, ...] = ()
    spf: tuple[str, ...] = ()
    missing: str = ""


class Dmarc(msgspec.Struct, frozen=True, kw_only=True):
    """The result, with the record that it rests on. `policy` is what that record asks for mail that fails (t= heeded);
    `organization` is "" where nobody had to ask for it."""

    result: Result
    domain: str = ""
    record: str = ""
    policy: Policy = "none"
    organization: str = ""
    aligned: tuple[str, ...] = ()
    reason: str = ""


class _Walks:
    """The records of one mail's domains, each asked for once."""

    def __init__(self, resolve: Resolver) -> None:
        self.resolve = resolve
        self.found: dict[str, PolicyRecord | None] = {}

    def record(self, domain: str) -> PolicyRecord | None:
        if domain not in self.found:
            self.found[domain] = self._ask(domain)
        return self.found[domain]

    def _ask(self, domain: str) -> PolicyRecord | None:
        try:
            return record_at(domain, self.resolve(f"_dmarc.{domain}"))
        except NotLookedUp:
            if not registrable(domain):
                return None  # a zone file or a cache seldom holds public suffixes; hardly any of them has a record
            raise

    def walk(self, domain: str) -> list[PolicyRecord]:
        """§4.10: the records from the domain upwards, the longest name first."""
        records = []
        for target in targets(domain):
            record = self.record(target)
            if record is None:
                continue
            records.append(record)
            if record.psd != "u":
                break
        return records

    def organization(self, domain: str) -> str:
        """§4.10.2: the Organizational Domain."""
        records = self.walk(domain)
        for record in records:
            if record.psd == "n":
                return record.domain
            if record.psd == "y" and record.domain != domain:
                return _one_label_below(record.domain, domain)
        return records[-1].domain if records else domain


def targets(domain: str) -> Iterator[str]:
    """§4.10, steps 3 to 7: the domain and those above it, at most eight names."""
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels) - 1, WALK_QUERIES_MAX - 1), 0, -1):
        yield ".".join(labels[-count:])


def _one_label_below(suffix: str, domain: str) -> str:
    count = suffix.count(".") + 2
    return ".".join(domain.split(".")[-count:])


def evaluate(author: str, identifiers: Identifiers, resolve: Resolver) -> Dmarc:
    """The result for a mail of this author's domain (an A-label; "" where From has none, or several: §5.3.1)."""
    if not author:
        return Dmarc(result="no-author")
    walks = _Walks(resolve)
    try:
        record = walks.record(author) or _above(author, walks)
        if record is None or record.p is None:
            return Dmarc(result="none", domain=record.domain if record else "", record=record.text if record else "")
        aligned = tuple(_aligned(author, identifiers, record, walks))
        policy = _asked(author, record, walks)
        organization = walks.organization(author)
    except NotLookedUp as error:
        return Dmarc(result="temperror", reason=str(error))  # §5.3.6
    judged = Dmarc(
        result="pass",
        domain=record.domain,
        record=record.text,
        policy=policy,
        organization=organization,
        aligned=aligned,
    )
    return judged if aligned else _unaligned(judged, identifiers)


def _unaligned(judged: Dmarc, identifiers: Identifiers) -> Dmarc:
    """§5.3.6: what could not be looked up might have passed."""
    result: Result = "temperror" if identifiers.missing else "fail"
    return msgspec.structs.replace(judged, result=result, reason=identifiers.missing)


def _above(author: str, walks: _Walks) -> PolicyRecord | None:
    """§4.10.1: the record of the Organizational Domain, or that of the Public Suffix Domain above it."""
    records = {record.domain: record for record in walks.walk(author)}
    suffixes = [record for record in records.values() if record.psd == "y"]
    return records.get(walks.organization(author)) or next(iter(suffixes), None)


def _asked(author: str, record: PolicyRecord, walks: _Walks) -> Policy:
    """§4.10.1: which of the record's policies is the author's; §4.7, t: one level less while it is tried out."""
    policy = record.p or "none"
    if record.domain != author:
        if record.np and record.np != (record.sp or policy) and _is_missing(author, walks.resolve):
            policy = record.np
        else:
            policy = record.sp or policy
    return _ONE_BELOW[policy] if record.is_test else policy


def _is_missing(domain: str, resolve: Resolver) -> bool:
    """§3.2, non-existent domains: by what can be told without the response code. Unknown is there."""
    try:
        return not any(resolve(domain, kind) for kind in _KINDS)
    except NotLookedUp:
        return False


def _aligned(author: str, identifiers: Identifiers, record: PolicyRecord, walks: _Walks) -> Iterator[str]:
    """§4.4, §4.10.2: those authenticated domains that are the author's own, or his organization's."""
    for domains, is_strict in ((identifiers.dkim, record.is_dkim_strict), (identifiers.spf, record.is_spf_strict)):
        for domain in _once(domains):
            if domain == author or (not is_strict and _is_relative(domain, author, walks)):
                yield domain


def _is_relative(domain: str, author: str, walks: _Walks) -> bool:
    organization = walks.organization(author)
    # A walk from a name that is not below it cannot end there.
    return is_within(domain, organization) and walks.organization(domain) == organization


def _once(domains: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(domain.lower().rstrip(".") for domain in domains)


def evaluate_by_list(author: str, identifiers: Identifiers, resolve: Resolver) -> Dmarc:
    """As RFC 7489 had it: the author's record or his registered domain's; neither np nor t nor psd."""
    if not author:
        return Dmarc(result="no-author")
    walks = _Walks(resolve)
    organization = registrable(author) or author
    try:
        record = walks.record(author) or walks.record(organization)
    except NotLookedUp as error:
        return Dmarc(result="temperror", reason=str(error))
    if record is None or record.p is None:
        return Dmarc(result="none")
    aligned = [
        domain
        for domains, is_strict in ((identifiers.dkim, record.is_dkim_strict), (identifiers.spf, record.is_spf_strict))
        for domain in _once(domains)
        if domain == author or (not is_strict and registrable(domain) == organization)
    ]
    judged = Dmarc(
        result="pass",
        domain=record.domain,
        record=record.text,
        policy=record.p if record.domain == author else record.sp or record.p,
        organization=organization,
        aligned=tuple(aligned),
    )
    return judged if aligned else _unaligned(judged, identifiers)
