"""Notices: composed, proved and signed; and judged by our own checker. `python -m bench.notices`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from bench.figure import Figure, in_process, print_figures
from tocsin.mailcheck.check import check_mail
from tocsin.mailcheck.resolver import map_resolver
from tocsin.notices.compose import compose
from tocsin.notices.dkim_key import generate_dkim_key
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.seal import seal
from tocsin.notices.signer import dkim_record
from tocsin.proof.alphabet import encode_base32
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts, Trouble
from tocsin.proof.keys import generate_key
from tocsin.proof.known import Known, pin

NOTICES = 600
NOTICES_PER_S_MIN = 200
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
ISSUER = Issuer(name="Bench Net", domain="bench.example", mail_from="abuse@bench.example")


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds for NOTICES notices."""

    made_s: float
    checked_s: float
    genuine: int


def facts_of(number: int, secret: bytes) -> tuple[Facts, str]:
    notice = f"N-{encode_base32(number.to_bytes(12, 'big'), 16).upper()}"
    code = make_code(secret, notice)
    trouble = Trouble(
        kind="infected-system",
        role="infected",
        address=f"198.51.100.{number % 250}",
        port=1024 + number,
        protocol="tcp",
        malware="mirai",
        seen_at=NOW - timedelta(hours=3, seconds=number),
        first_at=NOW - timedelta(days=1),
        source="Example CERT",
        source_ref=f"CERT-{number}",
        count=3,
    )
    facts = Facts(
        notice=notice,
        issuer=ISSUER.domain,
        issuer_name=ISSUER.name,
        recipient=f"user{number}@home.example",
        name=f"Ada Example {number}",
        line=f"···· {number % 10000:04}",
        language="en" if number % 2 else "ja",
        zone="Europe/Berlin",
        troubles=(trouble,),
        issued_at=NOW,
        expires_at=NOW + timedelta(days=30),
        code_sha256=code_digest(code),
    )
    return facts, code


def measure() -> Measured:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    proof = generate_key(ISSUER.domain, NOW - timedelta(days=1), NOW + timedelta(days=700))
    keys = Keys(proof=proof, dkim=generate_dkim_key(), secret=b"0" * 32)
    asked = [facts_of(number, keys.secret) for number in range(NOTICES)]
    sealed = [seal(compose(facts, code, ISSUER), facts, ISSUER, keys) for facts, code in asked[:2]]  # warm
    made_s = _cpu(lambda: sealed.extend(seal(compose(f, code, ISSUER), f, ISSUER, keys) for f, code in asked))
    known = Known(keys=(pin(proof.public, ISSUER.name),))
    resolve = map_resolver({f"{ISSUER.selector}._domainkey.{ISSUER.domain}": (dkim_record(keys.dkim.public_key()),)})
    verdicts: list[str] = []
    checked_s = _cpu(
        lambda: verdicts.extend(check_mail(s.raw, known=known, resolve=resolve, at=NOW).verdict for s in sealed[2:])
    )
    return Measured(made_s=made_s, checked_s=checked_s, genuine=verdicts.count("genuine"))


def figures() -> list[Figure]:
    this = msgspec.json.decode(in_process("bench.notices", "--measure"), type=Measured)
    made, checked = NOTICES / this.made_s, NOTICES / this.checked_s
    return [
        Figure(
            what="compose, prove and sign a notice",
            measured=f"{made:,.0f} a second per core",
            promised=f"{NOTICES_PER_S_MIN} a second per core",
            kept=made >= NOTICES_PER_S_MIN,
            peers="signing alone: cryptography 3,800, dkimpy 133 a second",
        ),
        Figure(
            what="judge a notice by our own checker, with DKIM",
            measured=f"{checked:,.0f} a second per core; genuine {this.genuine} of {NOTICES}",
            promised="genuine all",
            kept=this.genuine == NOTICES,
            peers="SpamAssassin 8, rspamd 300 mails a second",
        ),
    ]


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(msgspec.json.encode(measure()).decode())
    else:
        print_figures(figures())


if __name__ == "__main__":
    main(sys.argv[1:])
