"""Every parser of what strangers write: nothing makes it raise, hang or swell. `make fuzz` goes on where this ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mail_targets import mail_targets

SECONDS_MAX = 5
KIB_MAX = 700_000
BIG = 1_000_000
PIECES = (
    b"(",
    b")",
    b"<",
    b";",
    b"=",
    b'"',
    b"\\",
    b"\r\n ",
    b"\n",
    b"\0",
    b"%",
    b"a=b;",
    b"i=1;",
    b"\xf0\x9f\x92\xa9",
    b"[",
    b"{",
)


@pytest.mark.parametrize("target", mail_targets())
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_bytes_break_it(target: str, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(mail_targets()[target].seeds))
    first, second = sorted(data.draw(st.tuples(st.integers(0, len(seed)), st.integers(0, len(seed)))))
    middle = data.draw(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
    content = seed[:first] + middle + seed[second:]
    started = time.process_time()
    mail_targets()[target].run(content)
    assert time.process_time() - started < SECONDS_MAX


@pytest.mark.parametrize("target", mail_targets())
def test_what_is_repeated_without_end_is_read_within_five_seconds(target: str) -> None:
    for piece in (*PIECES, *mail_targets()[target].seeds):
        content = (piece * (BIG // len(piece)))[:BIG]
        started = time.process_time()
        mail_targets()[target].run(content)
        assert time.process_time() - started < SECONDS_MAX, piece[:40]


def test_memory_stays_within_bounds() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tests.mailcheck.test_parsers import BIG, PIECES, mail_targets\n"
        "for target in mail_targets().values():\n"
        "    for piece in (*PIECES[:5], *target.seeds): target.run((piece * (BIG // len(piece)))[:BIG])\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    folder = str(Path(__file__).parents[2])
    ran = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < KIB_MAX
