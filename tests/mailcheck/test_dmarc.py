"""DMARC, rule by rule in the order of RFC 9989. The names of a test's DNS stand in one map, domain to record."""

from __future__ import annotations

import pytest

from tocsin.mailcheck.dmarc import Dmarc, Identifiers, evaluate, evaluate_by_list, targets
from tocsin.mailcheck.dmarc_record import record_at
from tocsin.mailcheck.limits import WALK_QUERIES_MAX
from tocsin.mailcheck.resolver import NotLookedUp, RecordKind, Resolver

Records = dict[str, str | tuple[str, ...]]


class World:
    """DNS as a map; it knows everything, counts what it is asked, and has no answer for the names in `slow`."""

    def __init__(self, records: Records, there: tuple[str, ...] = (), slow: tuple[str, ...] = ()) -> None:
        self.records, self.there, self.slow = records, there, slow
        self.asked: list[str] = []

    def __call__(self, name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        self.asked.append(name)
        if name in self.slow:
            raise NotLookedUp("DNS did not answer in time")
        if kind == "A":
            return ("192.0.2.1",) if name in self.there else ()
        texts = (
            self.records.get(name.removeprefix("_dmarc."), ()) if name.startswith("_dmarc.") and kind == "TXT" else ()
        )
        return (texts,) if isinstance(texts, str) else texts


def judge(author: str, records: Records, *, dkim: str = "", spf: str = "", **world: tuple[str, ...]) -> Dmarc:
    identifiers = Identifiers(dkim=tuple(dkim.split()), spf=tuple(spf.split()))
    return evaluate(author, identifiers, World(records, **world))


REJECT = "v=DMARC1; p=reject"


# §4.4 Identifier alignment


@pytest.mark.parametrize(
    ("tags", "dkim", "spf", "result"),
    [
        ("", "news.net.example", "", "pass"),
        ("", "", "bounce.net.example", "pass"),
        ("; adkim=r; aspf=r", "a.net.example", "", "pass"),
        ("; adkim=s", "a.net.example", "", "fail"),
        ("; adkim=s", "net.example", "", "pass"),
        ("; adkim=s", "", "a.net.example", "pass"),
        ("; aspf=s", "", "a.net.example", "fail"),
        ("; aspf=s", "a.net.example", "", "pass"),
        ("; aspf=s", "", "net.example", "pass"),
        ("", "other.example", "other.example", "fail"),
        ("", "notnet.example", "", "fail"),
        ("", "other.example net.example", "", "pass"),
        ("", "NET.example.", "", "pass"),  # §4.4: without regard to case
        ("", "", "", "fail"),
    ],
)
def test_an_identifier_aligns_strictly_or_by_its_organization(tags: str, dkim: str, spf: str, result: str) -> None:
    assert judge("net.example", {"net.example": REJECT + tags}, dkim=dkim, spf=spf).result == result


# §4.7, §4.8 The record


@pytest.mark.parametrize(
    "text",
    ["v=DMARC1", "v=DMARC1;", "v=DMARC1 ; p=none", "v = DMARC1; p=none", "V=DMARC1;p=none", "v=DMARC1;p=none;;;"],
)
def test_a_record_begins_with_its_version(text: str) -> None:
    assert record_at("net.example", (text,)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "v=dmarc1; p=none",
        "v=DMARC2; p=none",
        "p=none; v=DMARC1",
        " v=DMARC1; p=none",
        "v=DMARC1x; p=none",
        "",
        "v=spf1",
    ],
)
def test_what_does_not_is_no_record(text: str) -> None:
    assert record_at("net.example", (text,)) is None


@pytest.mark.parametrize(
    ("tags", "policy"),
    [
        ("p=reject", "reject"),
        ("p=REJECT", "reject"),
        ("p = quarantine", "quarantine"),
        ("sp=none; p=reject", "reject"),  # in any order
        ("p=reject; pct=0; rf=afrf; ri=1", "reject"),  # removed, so unknown
        ("p=reject; x=y; rubbish; =; p", "reject"),  # unknown and broken tags are left out
        ("rua=mailto:a@net.example", "none"),  # no p
        ("", "none"),
        ("p=reject; adkim=x; t=maybe; psd=perhaps", "reject"),  # a value that is none is the default
    ],
)
def test_what_a_record_asks_for(tags: str, policy: str) -> None:
    judged = judge("net.example", {"net.example": f"v=DMARC1; {tags}"})
    assert (judged.result, judged.policy) == ("fail", policy)


@pytest.mark.parametrize("bad", ["p=refuse", "p=", "p=reject; sp=x", "p=reject; np=x"])
def test_a_policy_that_is_none_applies_nothing_unless_reports_are_asked_for(bad: str) -> None:
    """§4.10.1"""
    assert judge("net.example", {"net.example": f"v=DMARC1; {bad}"}).result == "none"
    assert judge("net.example", {"net.example": f"v=DMARC1; {bad}; rua=nonsense"}).result == "none"
    judged = judge("net.example", {"net.example": f"v=DMARC1; {bad}; rua=x, mailto:a@net.example"})
    assert (judged.result, judged.policy) == ("fail", "none")


@pytest.mark.parametrize(("policy", "lowered"), [("reject", "quarantine"), ("quarantine", "none"), ("none", "none")])
def test_a_record_that_is_tried_out_asks_for_one_level_less(policy: str, lowered: str) -> None:
    assert judge("net.example", {"net.example": f"v=DMARC1; p={policy}; t=y"}).policy == lowered
    assert judge("net.example", {"net.example": f"v=DMARC1; p={policy}; t=n"}).policy == policy


def test_sp_is_for_domains_below_and_np_for_those_that_are_not_there() -> None:
    records: Records = {"net.example": "v=DMARC1; p=none; sp=quarantine; np=reject"}
    assert judge("net.example", records).policy == "none"
    assert judge("www.net.example", records, there=("www.net.example",)).policy == "quarantine"
    assert judge("no.net.example", records).policy == "reject"
    assert judge("no.net.example", records, slow=("no.net.example",)).policy == "quarantine"  # unknown is there
    assert judge("no.net.example", {"net.example": "v=DMARC1; p=none; sp=reject"}).policy == "reject"
    assert judge("no.net.example", {"net.example": "v=DMARC1; p=reject"}).policy == "reject"
    assert judge("no.net.example", {"net.example": "v=DMARC1; p=reject; np=none"}).policy == "none"


def test_sp_of_a_domain_below_the_organization_is_left_out() -> None:
    records: Records = {"a.net.example": "v=DMARC1; p=none; sp=reject", "net.example": "v=DMARC1; p=quarantine"}
    assert judge("x.a.net.example", records).policy == "quarantine"


# §4.10 The tree walk


def test_the_walk_of_the_standards_own_example() -> None:
    assert list(targets("a.b.c.d.e.f.g.h.i.j.mail.example.com")) == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    ]


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 40, 127])
def test_no_walk_asks_more_than_eight_times(count: int) -> None:
    author = ".".join("a" for _ in range(count))
    world = World({})
    assert evaluate(author, Identifiers(dkim=("b." + author,)), world).result == "none"
    assert len(world.asked) == min(count, WALK_QUERIES_MAX)


def test_several_records_at_one_name_are_none_and_the_walk_goes_on() -> None:
    judged = judge("a.net.example", {"a.net.example": (REJECT, REJECT), "net.example": "v=DMARC1; p=quarantine"})
    assert (judged.domain, judged.policy) == ("net.example", "quarantine")
    assert judge("net.example", {"net.example": (REJECT, REJECT)}).result == "none"


def test_other_texts_at_the_name_do_not_matter() -> None:
    assert judge("net.example", {"net.example": ("v=spf1 -all", "hello", REJECT)}).policy == "reject"


def test_a_walk_stops_where_psd_is_told() -> None:
    for flag in ("y", "n"):
        world = World({"b.net.example": f"v=DMARC1; p=none; psd={flag}", "net.example": REJECT})
        evaluate("a.b.net.example", Identifiers(dkim=("c.net.example",)), world)
        assert "_dmarc.net.example" not in world.asked


# §4.10.1 Policy discovery


@pytest.mark.parametrize(
    ("author", "records", "found"),
    [
        ("a.net.example", {"a.net.example": REJECT, "net.example": "v=DMARC1; p=none"}, "a.net.example"),
        ("a.net.example", {"net.example": REJECT}, "net.example"),
        ("a.net.example", {"example": "v=DMARC1; p=reject; psd=y"}, "example"),
        # the organization before the public suffix
        ("a.net.example", {"net.example": REJECT, "example": "v=DMARC1; p=none; psd=y"}, "net.example"),
        # the organization is the one with the fewest labels, what lies between counts for nothing
        ("a.b.net.example", {"b.net.example": "v=DMARC1; p=none", "net.example": REJECT}, "net.example"),
        # unless it says that it is one
        ("a.b.net.example", {"b.net.example": "v=DMARC1; p=reject; psd=n", "net.example": REJECT}, "b.net.example"),
        # below a public suffix of several labels
        ("a.b.co.example", {"co.example": "v=DMARC1; p=none; psd=y", "b.co.example": REJECT}, "b.co.example"),
        ("a.b.co.example", {"co.example": "v=DMARC1; p=reject; psd=y"}, "co.example"),
        # a record further down than the organization is not the organization's
        ("a.b.c.example", {"example": "v=DMARC1; p=reject; psd=y", "b.c.example": "v=DMARC1; p=none"}, "example"),
    ],
)
def test_whose_record_is_applied(author: str, records: Records, found: str) -> None:
    judged = judge(author, records)
    assert (judged.result, judged.domain, judged.policy) == ("fail", found, "reject")


def test_a_long_name_is_asked_for_itself_first_and_what_is_skipped_is_never_found() -> None:
    """§5.1.8"""
    author = "mail.a.b.c.d.e.f.g.example.com"
    assert judge(author, {author: REJECT}).domain == author
    assert judge(author, {"b.c.d.e.f.g.example.com": REJECT}).result == "none"
    assert judge(author, {"c.d.e.f.g.example.com": REJECT}).domain == "c.d.e.f.g.example.com"


def test_without_a_record_dmarc_is_not_applied() -> None:
    assert judge("net.example", {}, dkim="net.example", spf="net.example").result == "none"


# §4.10.2 The organizational domain


@pytest.mark.parametrize(
    ("records", "author", "signer", "is_aligned"),
    [
        # the standard's three examples
        ({"mail.example.com": REJECT, "example.com": REJECT}, "a.mail.example.com", "x.example.com", True),
        ({"mail.example.com": REJECT + "; psd=n"}, "a.mail.example.com", "b.mail.example.com", True),
        ({"mail.example.com": REJECT + "; psd=n"}, "a.mail.example.com", "x.example.com", False),
        ({"com": "v=DMARC1; p=reject; psd=y"}, "a.mail.example.com", "b.example.com", True),
        ({"com": "v=DMARC1; p=reject; psd=y"}, "a.mail.example.com", "b.other.com", False),
        # psd=y where the walk starts says nothing of what lies below
        ({"co.example": REJECT + "; psd=y"}, "co.example", "a.co.example", False),
        ({"co.example": REJECT + "; psd=y"}, "co.example", "co.example", True),
        # an author with a record of his own, in another organization than his signer
        ({"a.net.example": REJECT + "; psd=n", "net.example": REJECT}, "a.net.example", "net.example", False),
        ({"a.net.example": REJECT, "net.example": REJECT}, "a.net.example", "net.example", True),
        ({"b.net.example": REJECT + "; psd=n", "net.example": REJECT}, "net.example", "b.net.example", False),
        # only the author has a record
        ({"a.net.example": REJECT}, "a.net.example", "net.example", False),
        ({"a.net.example": REJECT}, "a.net.example", "b.a.net.example", True),
    ],
)
def test_who_is_of_one_organization(records: Records, author: str, signer: str, is_aligned: bool) -> None:
    assert (judge(author, records, dkim=signer).result == "pass") is is_aligned


def test_the_same_domain_needs_no_walk() -> None:
    world = World({"net.example": REJECT})
    assert evaluate("net.example", Identifiers(dkim=("net.example",)), world).result == "pass"


# §5.3 What a receiver does


def test_a_mail_needs_one_author() -> None:
    """§5.3.1"""
    assert judge("", {"net.example": REJECT}).result == "no-author"


@pytest.mark.parametrize("slow", ["_dmarc.net.example", "_dmarc.a.net.example"])
def test_a_question_without_an_answer_neither_passes_nor_fails(slow: str) -> None:
    """§5.3.6"""
    judged = judge("a.net.example", {"net.example": REJECT}, dkim="net.example", slow=(slow,))
    assert (judged.result, judged.reason) == ("temperror", "DNS did not answer in time")


def test_a_signature_that_nobody_could_judge_might_have_passed() -> None:
    identifiers = Identifiers(missing="DNS did not answer in time")
    assert evaluate("net.example", identifiers, World({"net.example": REJECT})).result == "temperror"
    passed = Identifiers(dkim=("net.example",), missing="DNS did not answer in time")
    assert evaluate("net.example", passed, World({"net.example": REJECT})).result == "pass"


def test_a_public_suffix_that_the_zone_file_does_not_hold_has_no_record() -> None:
    judged = judge("a.net.example", {"net.example": REJECT}, dkim="net.example", slow=("_dmarc.example",))
    assert judged.result == "pass"


# Beside it, RFC 7489 with the list of public suffixes


def by_list(author: str, records: Records, dkim: str = "") -> Dmarc:
    resolve: Resolver = World(records)
    return evaluate_by_list(author, Identifiers(dkim=tuple(dkim.split())), resolve)


def test_where_the_two_standards_differ() -> None:
    tests: Records = {"net.example": "v=DMARC1; p=reject; t=y"}
    assert (judge("net.example", tests).policy, by_list("net.example", tests).policy) == ("quarantine", "reject")
    missing: Records = {"net.example": "v=DMARC1; p=none; np=reject"}
    assert (judge("x.net.example", missing).policy, by_list("x.net.example", missing).policy) == ("reject", "none")
    own: Records = {"a.net.example": REJECT + "; psd=n", "net.example": REJECT}
    assert judge("a.net.example", own, dkim="net.example").result == "fail"
    assert by_list("a.net.example", own, dkim="net.example").result == "pass"
    suffix: Records = {"uk": "v=DMARC1; p=reject; psd=y"}
    assert (judge("a.uk", suffix).result, by_list("a.uk", suffix).result) == ("fail", "none")


def test_the_list_knows_what_anybody_may_register_below() -> None:
    records: Records = {"co.uk": REJECT, "bank.co.uk": REJECT}
    assert by_list("a.bank.co.uk", records, dkim="b.bank.co.uk").result == "pass"
    assert by_list("a.bank.co.uk", records, dkim="other.co.uk").result == "fail"
