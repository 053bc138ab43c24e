"""From a clearing house's key list to a checked letter: it lists the provider's key, and says what it gave him."""

from __future__ import annotations

import email
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.scenes.moments import moment, zulu
from tests.scenes.scene import Scene
from tocsin.book import audit
from tocsin.cli.main import tocsin
from tocsin.pipeline.house import House as Opened
from tocsin.pipeline.keys import load_keys
from tocsin.proof.keys import encode_key
from tocsin.terms.errors import BadConfig, BadRequest

ADDRESS = "198.51.100.7"
CERT = """
data = "data"
[issuer]
name = "Example CERT"
domain = "cert.example"
mail_from = "reports@cert.example"
[provider]
prefixes = ["203.0.113.0/29"]
[[sources]]
name = "sinkhole"
trust = "known"
[networks]
paths = ["networks.csv"]
[[reports.contacts]]
mail = "abuse@isp.example"
form = "intelmq"
"""
SEEN = {
    "id": "00000000-0000-0000-0000-000000000000",
    "seen_at": "2026-11-23T03:16:38Z",
    "seen_until": "2026-11-23T03:16:38Z",
    "role": "infected",
    "address": ADDRESS,
    "port": 40512,
    "protocol": "tcp",
    "kind": "infected-system",
    "taxonomy": "malicious-code",
    "source": "sinkhole",
    "reader": "jsonl",
    "malware": "mirai",
}


class House:
    """The clearing house, and a household's own folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / "cert", folder / "home"
        self.folder.mkdir(parents=True)
        self.home.mkdir()
        (self.folder / "tocsin.toml").write_text(CERT)
        networks = "prefix,origin,country,abuse_contact\n198.51.100.0/24,64500,JP,abuse@isp.example\n"
        (self.folder / "networks.csv").write_text(networks)
        (self.folder / "feed.jsonl").write_text(json.dumps(SEEN) + "\n")
        self("init")
        self("networks", "update", str(self.folder / "networks.csv"), "--valid-from", "2026-01-01T00:00:00Z")
        self("read", str(self.folder / "feed.jsonl"), "--source", "sinkhole", at="05:00")

    def __call__(self, *arguments: str, at: str = "06:00", code: int = 0) -> str:
        config = ["--config", str(self.folder / "tocsin.toml")] if arguments[0] not in ("check",) else []
        timed = [] if arguments[0] == "init" or arguments[:2] == ("keys", "show") else ["--now", zulu(moment(at))]
        result = CliRunner().invoke(tocsin, [*arguments, *config, *timed], standalone_mode=False)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert (result.return_value or 0) == code, result.output
        return result.stdout

    def mail(self) -> email.message.Message:
        [path] = (self.folder / "data/outbox/new").iterdir()
        return email.message_from_bytes(path.read_bytes())

    def pin(self, *, with_path: bool = False) -> Path:
        """The household's known.toml: the clearing house alone."""
        path = self.home / "known.toml"
        key = encode_key(load_keys(self.folder / "data/keys").proof.raw_public)
        place = 'path = "list.json"\n' if with_path else ""
        path.write_text(f'[[list]]\nname = "Example CERT"\nkey = "{key}"\n{place}')
        return path


@pytest.fixture
def cert(tmp_path: Path) -> House:
    return House(tmp_path / "clearing")


@pytest.fixture
def letter(cert: House, scene: Scene) -> Path:
    """The clearing house tells the provider; the provider tells the household."""
    cert("report", "--send")
    part = next(part for part in cert.mail().walk() if part.get_filename("").endswith(".jsonl"))
    told = part.get_payload(decode=True)
    assert isinstance(told, bytes)
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.bring_text("report.jsonl", told.decode())
    scene.run("14:00")
    [sent] = scene.letters()
    path = cert.home / "letter.eml"
    path.write_bytes(sent.raw)
    return path


def _zone(scene: Scene) -> list[str]:
    return ["--zone", str(scene.data / "keys/zone.txt"), "--json"]


def _listed(cert: House, scene: Scene, *, at: str = "07:00", **changes: str) -> Path:
    """The clearing house signs the provider's key, as the provider printed it."""
    text = (scene.data / "keys/known.toml").read_text()
    for old, new in changes.items():
        text = text.replace(old, new)
    providers = cert.folder / "providers.toml"
    providers.write_text(text)
    out = cert.folder / "list.json"
    cert("keys", "sign", str(providers), "--out", str(out), at=at)
    return out


def test_a_letter_is_genuine_because_the_clearing_house_lists_its_provider(
    cert: House, scene: Scene, letter: Path
) -> None:
    listed, known = _listed(cert, scene), cert.pin()
    before = json.loads(cert("check", str(letter), "--known", str(known), *_zone(scene), at="Tue 09:00"))
    assert before["verdict"] == "unclear"
    trusted = ("--known", str(known), "--trust", str(listed))
    after = json.loads(cert("check", str(letter), *trusted, *_zone(scene), at="Tue 09:00"))
    assert after["verdict"] == "genuine"
    said = "because the clearing house Example CERT lists it as this provider's key"
    assert said in after["answers"]["who"]
    assert any(each["code"] == "proof-verified" and said in each["text"] for each in after["findings"])


def test_the_clearing_house_confirms_what_it_gave_and_the_check_says_so(
    cert: House, scene: Scene, letter: Path
) -> None:
    [reference] = scene.letters()[0].refs
    listed, known = _listed(cert, scene), cert.pin()
    out = cert.home / "confirmation.json"
    cert("keys", "confirm", reference, "--to", "isp.example", "--out", str(out), "--reason", "a call")
    assert "anna" not in out.read_text()
    assert set(json.loads(out.read_text())["confirmation"]) == {
        *("clearing_house", "name", "reference", "provider", "given_at", "confirmed_at")
    }
    trusted = ("--known", str(known), "--trust", str(listed), "--confirmation", str(out))
    answer = json.loads(cert("check", str(letter), *trusted, *_zone(scene), at="Tue 09:00"))
    [found] = [each for each in answer["findings"] if each["code"].startswith("confirmation-")]
    assert found["code"] == "confirmation-given"
    assert all(word in found["text"] for word in ("Example CERT", "isp.example", reference, "2026-11-23T06:00:00Z"))
    assert "confirms" in answer["answers"]["know"]
    with _cert_book(cert) as actions:
        assert ("confirmed", f"{reference} isp.example") in actions


def test_what_was_not_given_is_not_confirmed(cert: House, scene: Scene, letter: Path) -> None:
    [reference] = scene.letters()[0].refs
    for asked, provider in ((reference, "other.example"), ("11111111-1111-1111-1111-111111111111", "isp.example")):
        with pytest.raises(BadRequest, match="no report"):
            cert("keys", "confirm", asked, "--to", provider)


def test_a_withdrawn_key_and_an_older_list_are_refused(cert: House, scene: Scene, letter: Path) -> None:
    known = cert.pin(with_path=True)
    first = _listed(cert, scene)
    old = cert.home / "old.json"
    old.write_bytes(first.read_bytes())
    cert_take = ("keys", "take", str(old), "--known", str(known))
    _plain(*cert_take)
    good = json.loads(cert("check", str(letter), "--known", str(known), *_zone(scene), at="Tue 09:00"))
    assert good["verdict"] == "genuine"
    second = _listed(cert, scene, at="09:00", not_after="revoked_at = 2026-11-23T08:00:00Z\nnot_after")
    _plain("keys", "take", str(second), "--known", str(known))
    bad = json.loads(cert("check", str(letter), "--known", str(known), *_zone(scene), at="Tue 09:00"))
    assert (bad["verdict"], "proof-key-revoked" in {each["code"] for each in bad["findings"]}) == ("likely-fake", True)
    with pytest.raises(BadConfig, match="older"):
        _plain(*cert_take)
    with pytest.raises(BadConfig, match="older"):
        cert("check", str(letter), "--known", str(known), "--trust", str(old), at="Tue 09:00")
    with pytest.raises(BadRequest, match="cannot come back"):
        _listed(cert, scene, at="10:00")


def test_a_list_by_a_stranger_trusts_nobody(cert: House, scene: Scene, letter: Path, tmp_path: Path) -> None:
    stranger = House(tmp_path / "stranger")
    forged = _listed(stranger, scene)
    with pytest.raises(BadConfig, match="no clearing house that you know"):
        cert("check", str(letter), "--known", str(cert.pin()), "--trust", str(forged))


def _plain(*arguments: str) -> None:
    result = CliRunner().invoke(tocsin, list(arguments), standalone_mode=False)
    if result.exception:
        raise result.exception


@contextmanager
def _cert_book(cert: House) -> Iterator[list[tuple[str, str]]]:
    now = moment("Tue 10:00")
    with Opened.open(config_file=cert.folder / "tocsin.toml", data=None, now=now) as house, house.book.read() as tx:
        yield [(entry.action, entry.object) for entry in audit.entries(tx)]
