"""The issuer's keys on disk: made once, readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.notices.dkim_key import generate_dkim_key, load_dkim_key, save_dkim_key
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.zone import zone_text
from tocsin.proof.keys import generate_key, load_key, save_key
from tocsin.proof.known import format_known
from tocsin.terms.errors import BadRequest, StorageFailed

PROOF_KEY_LASTS = timedelta(days=2 * 365)
_SECRET_BYTES = 32


def make_keys(folder: Path, issuer: Issuer, now: datetime) -> bool:
    """Make what is missing: proof key, DKIM key, secret; and beside them the zone file and a known.toml.

    Keys that are there are never changed. Returns whether anything was made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = False
    if not (folder / "proof.pem").exists():
        save_key(generate_key(issuer.domain, now, now + PROOF_KEY_LASTS), folder / "proof.pem")
        made = True
    if not (folder / "dkim.pem").exists():
        save_dkim_key(generate_dkim_key(), folder / "dkim.pem")
        made = True
    if not (folder / "secret").exists():
        _write_private(folder / "secret", secrets.token_bytes(_SECRET_BYTES))
        made = True
    keys = load_keys(folder)
    (folder / "zone.txt").write_text(zone_text(issuer, keys), "utf-8")
    (folder / "known.toml").write_text(format_known([(keys.proof.public, issuer.name)], []), "utf-8")
    return made


def load_keys(folder: Path) -> Keys:
    """Raises BadRequest when there are none yet."""
    if not (folder / "secret").is_file():
        raise BadRequest("there are no keys yet", where=str(folder), remedy="run `tocsin init`")
    secret = (folder / "secret").read_bytes()
    if len(secret) < _SECRET_BYTES:
        raise StorageFailed("the secret is cut short", where=str(folder / "secret"), remedy="restore it from a backup")
    return Keys(proof=load_key(folder / "proof.pem"), dkim=load_dkim_key(folder / "dkim.pem"), secret=secret)


def _write_private(path: Path, raw: bytes) -> None:
    half = path.with_name(path.name + ".half")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
