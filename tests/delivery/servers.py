"""Debian's own mail servers on loopback, each in a folder of its own: Dovecot, Postfix. Only root can start them."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.delivery.certificates import Trust
from tests.real.brokers import free_port

START_S_MAX = 60
IS_ROOT = os.geteuid() == 0
HAS_DOVECOT = IS_ROOT and shutil.which("dovecot") is not None
HAS_POSTFIX = IS_ROOT and shutil.which("postfix") is not None
USER, PASSWORD = "notices", 'Wort mit Leerzeichen und "Zeichen" \\ 4711'


class Imap(msgspec.Struct, frozen=True):
    port: int
    tls_port: int
    maildir: Path  # the user's INBOX


class Smtp(msgspec.Struct, frozen=True):
    """`mail` holds a maildir for each address: `net.example/bounce/`, `post.example/robin1/`."""

    port: int
    mail: Path
    log: Path


@contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    """Short, since sockets lie in it, and open to the servers' own accounts."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def dovecot(trust: Trust) -> Iterator[Imap]:
    with _folder("imap-") as folder:
        imap = Imap(free_port(), free_port(), folder / "mail" / USER)
        keeper = pwd.getpwnam("nobody")
        for name in ("mail", "home", "run", "state"):
            (folder / name).mkdir(mode=0o755)
        for name in ("mail", "home"):
            os.chown(folder / name, keeper.pw_uid, keeper.pw_gid)
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
        (folder / "dovecot.conf").write_text(_dovecot(folder, imap, trust, keeper), "utf-8")
        process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(folder / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            _await(process, imap.port, folder / "log")
            yield imap
        finally:
            _stop(process)


def _dovecot(folder: Path, imap: Imap, trust: Trust, keeper: pwd.struct_passwd) -> str:
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{trust.certificate}
ssl_key = <{trust.key}
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{folder}/mail/%u
first_valid_uid = {keeper.pw_uid}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={keeper.pw_uid} gid={keeper.pw_gid} home={folder}/home/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap.port}
  }}
  inet_listener imaps {{
    port = {imap.tls_port}
    ssl = yes
  }}
}}
"""


@contextmanager
def postfix(trust: Trust, *, far_port: int) -> Iterator[Smtp]:
    """Takes mail for post.example (robin1 to robin9) and net.example; mail for far.example goes on to `far_port`."""
    with _folder("smtp-") as folder:
        smtp = Smtp(free_port(), folder / "mail", folder / "log")
        keeper = pwd.getpwnam("nobody")
        for name in ("mail", "queue", "data", "conf"):
            (folder / name).mkdir(mode=0o755)
        os.chown(smtp.mail, keeper.pw_uid, keeper.pw_gid)
        os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        boxes = [f"robin{n}@post.example post.example/robin{n}/\n" for n in range(1, 10)]
        boxes += [f"{name}@net.example net.example/{name}/\n" for name in ("bounce", "notices")]
        (folder / "conf" / "boxes").write_text("".join(boxes))
        (folder / "conf" / "transport").write_text(f"far.example smtp:[127.0.0.1]:{far_port}\n")
        (folder / "conf" / "main.cf").write_text(_postfix(folder, trust, keeper))
        (folder / "conf" / "master.cf").write_text(_MASTER.replace("PORT", str(smtp.port)))
        command = ["postfix", "-c", str(folder / "conf")]
        process = subprocess.Popen([*command, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _await(process, smtp.port, smtp.log)
            yield smtp
        finally:
            subprocess.run([*command, "stop"], capture_output=True, check=False, timeout=30)
            _stop(process)


def _postfix(folder: Path, trust: Trust, keeper: pwd.struct_passwd) -> str:
    return f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.net.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
recipient_delimiter = +
virtual_mailbox_domains = post.example, net.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/conf/boxes
virtual_uid_maps = static:{keeper.pw_uid}
virtual_gid_maps = static:{keeper.pw_gid}
transport_maps = texthash:{folder}/conf/transport
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {trust.certificate}
smtpd_tls_key_file = {trust.key}
smtp_tls_security_level = none
smtp_dns_support_level = disabled
alias_maps =
"""


_MASTER = """
127.0.0.1:PORT inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_S_MAX
    while time.monotonic() < until:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise AssertionError(
                f"it ended with {process.returncode}: {said} {log.read_text() if log.exists() else ''}"
            )
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as link:
                link.settimeout(5)
                assert link.recv(10)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"no answer on port {port}: {log.read_text() if log.exists() else ''}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
