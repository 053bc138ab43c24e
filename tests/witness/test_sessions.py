"""What one line of a process says is true of its other lines; a success excuses the same user."""

from __future__ import annotations

from tests.witness.world import addresses, rule_of, watched
from tocsin.engine import Engine

AT = "2026-11-24T03:16:{:02}+00:00 gate sshd[{}]: {}\n"


def log(*lines: tuple[int, str]) -> str:
    return "".join(AT.format(second, pid, text) for second, (pid, text) in enumerate(lines))


def test_a_line_without_a_host_is_about_the_host_that_its_process_named(engine: Engine) -> None:
    lines = watched(
        engine,
        log(
            (1, "Connection from 192.0.2.1 port 1001"),
            (2, "Connection from 192.0.2.2 port 1002"),
            (1, "Disconnecting: Too many authentication failures for root [preauth]"),
        ),
    )
    assert addresses(lines) == {"192.0.2.1"}
    assert lines[0]["port"] == 1001


def test_or_about_the_host_that_it_names_next(engine: Engine) -> None:
    lines = watched(
        engine,
        log(
            (1, "error: kex_exchange_identification: Connection closed by remote host"),
            (1, "Connection closed by 192.0.2.1 port 1001"),
        ),
    )
    assert [(line["address"], rule_of(line)) for line in lines] == [("192.0.2.1", "no-banner")]


def test_a_line_whose_process_named_nobody_accuses_nobody(engine: Engine) -> None:
    assert watched(engine, log((1, "Disconnecting: Too many authentication failures for root [preauth]"))) == []


PAM = "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user={}"


def test_a_success_of_the_same_user_excuses(engine: Engine) -> None:
    accepted = "Accepted password for alice from 192.0.2.1 port 1001 ssh2"
    assert watched(engine, log((1, PAM.format("alice")), (1, accepted))) == []


def test_a_success_of_another_user_does_not(engine: Engine) -> None:
    accepted = "Accepted password for mallory from 192.0.2.1 port 1001 ssh2"
    assert addresses(watched(engine, log((1, PAM.format("root")), (1, accepted)))) == {"192.0.2.1"}


def test_nor_does_the_success_of_another_process(engine: Engine) -> None:
    accepted = "Accepted password for alice from 192.0.2.1 port 1001 ssh2"
    assert addresses(watched(engine, log((1, PAM.format("alice")), (2, accepted)))) == {"192.0.2.1"}


def test_nor_one_long_after_when_the_number_has_returned(engine: Engine) -> None:
    late = "2026-11-24T05:00:00+00:00 gate sshd[1]: Accepted password for alice from 192.0.2.1 port 1001 ssh2\n"
    assert addresses(watched(engine, log((1, PAM.format("alice"))) + late)) == {"192.0.2.1"}
