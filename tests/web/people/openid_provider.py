"""A small OpenID provider on loopback, that can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "tocsin-desk", "a-secret-of-the-client"


class Provider:
    """`claims` go into the next identity as they are; `lies` are changes to what an honest provider does."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.claims: dict[str, Any] = {}
        self.lies: dict[str, Any] = {}
        self.challenges: dict[str, str] = {}  # by code
        self.asked: list[dict[str, str]] = []
        self.issuer = ""

    def authorize(self, address: str) -> tuple[str, str]:
        """What the person's browser does there: (where it is sent back, the nonce)."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        self.challenges["code-1"] = asked["code_challenge"]
        self.asked.append(asked)
        return f"{asked['redirect_uri']}?code=code-1&state={asked['state']}&iss={self.issuer}", asked["nonce"]

    def document(self) -> dict[str, Any]:
        lies: dict[str, Any] = self.lies.get("document", {})
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        } | lies

    def token(self, form: dict[str, str], login: str) -> tuple[int, dict[str, Any]]:
        challenge = self.challenges.pop(form["code"], "")  # a code opens once
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        right = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if challenge != base64.urlsafe_b64encode(digest).decode().rstrip("=") or login != f"Basic {right}":
            return 400, {"error": "invalid_grant"}
        header = {"alg": "RS256", "kid": "one"} | self.lies.get("header", {})
        key = self.lies.get("key", self.key)
        return 200, {"id_token": jwt.encode(header, self.claims, key), "token_type": "Bearer", "access_token": "x"}


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys = {"keys": [provider.key.as_dict(private=False)]}
            self._answer(200, provider.document() if "openid-configuration" in self.path else keys)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*provider.token(form, self.headers.get("authorization", "")))

        def _answer(self, status: int, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
