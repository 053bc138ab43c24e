"""A certificate authority of our own, for servers on loopback."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Trust(msgspec.Struct, frozen=True):
    """Files: who vouches, and the server's certificate with its key."""

    ca: Path
    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_trust(folder: Path, *, names: tuple[str, ...] = ("127.0.0.1", "localhost"), lasts_days: int = 30) -> Trust:
    """A server's certificate for these names; with `lasts_days` below 0 it is over."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = _name("Example Authority")
    signed_by, own = _key("authority"), _key("server")
    root = _builder(authority, authority, signed_by.public_key(), 30)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
    root = root.add_extension(x509.SubjectKeyIdentifier.from_public_key(signed_by.public_key()), critical=False)
    leaf = _builder(_name(names[0]), authority, own.public_key(), lasts_days)
    leaf = leaf.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()), critical=False
    )
    trust = Trust(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    trust.ca.write_bytes(root.sign(signed_by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    trust.certificate.write_bytes(leaf.sign(signed_by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    trust.key.write_bytes(
        own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    trust.key.chmod(0o600)
    return trust


@cache
def _key(_whose: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lasts_days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)  # noqa: TID251 - certificates are judged by the real clock
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=lasts_days))
    )
