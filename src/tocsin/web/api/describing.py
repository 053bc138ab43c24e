"""The API's description (OpenAPI 3.1), made from the routes; with what is the same of all of them said once here."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from litestar import Request, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from tocsin import __version__
from tocsin.web.api.case_routes import Acted
from tocsin.web.api.problems import Problem
from tocsin.web.api.push import BODY_BYTES_MAX, TYPES, PushAnswer
from tocsin.web.api.watching import TEXT

_SAYS = """Push sightings, ask whose an address was, list and work on cases.

Every request but `/health` and this description needs a key (`Authorization: Bearer …`) with the scope that its
operation names. Errors are `application/problem+json` (RFC 9457). A POST needs an `Idempotency-Key`. Lists have pages:
`next` is the `cursor` of the page after."""
_PROBLEMS = {
    "400": "A part of the request is missing or cannot be read.",
    "401": "No key, or one that opens nothing.",
    "403": "The key does not include this.",
    "404": "There is no such thing, or it is not yours.",
    "405": "Not done this way.",
    "409": "Something else is being done meanwhile.",
    "413": "Too large.",
    "415": "Not in this form.",
    "422": "Understood, and cannot be done.",
    "429": "Too often: wait as `Retry-After` says.",
    "500": "A bug of ours.",
    "503": "Busy: try again in a moment.",
}
_OF_ALL = ("400", "401", "403", "404", "405", "429", "500", "503")
_OF_POSTS = ("409", "413", "415", "422")
_BEFORE_A_KEY = frozenset({"400", "401", "404", "405", "413", "415", "500", "503"})  # answered without one, too
_RATES = {
    "RateLimit": {"description": "What is left for this key.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "How much there is.", "schema": {"type": "string"}},
}
_REPLAYED = {
    "Idempotent-Replayed": {"description": "The answer is that of the first request.", "schema": {"const": "true"}}
}
_SCOPES = {
    ("/sightings", "post"): "sightings:write",
    ("/sightings", "get"): "sightings:read",
    ("/attribution", "get"): "attribution:read",
    ("/cases", "get"): "cases:read",
    ("/cases/{case}", "get"): "cases:read",
    ("/cases/{case}/actions", "post"): "cases:write",
    ("/notices", "get"): "notices:read",
    ("/confirmations", "get"): "confirmations:read",
    ("/metrics", "get"): "health",
}


class Description(JsonRenderPlugin):
    """/api/v1/openapi.json."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._said: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._said is None:
            self._said = msgspec.json.encode(described(openapi_schema))
        return self._said


class _Bare(Router):
    """Only the description: the framework would add a page for everything else below the path."""

    def register(self, value: ControllerRouterHandler) -> Any:
        if getattr(value, "name", None) is None and getattr(getattr(value, "fn", None), "__name__", "") != "_handler":
            return []
        return super().register(value)


def described(made: dict[str, Any]) -> dict[str, Any]:
    """The framework's description, completed."""
    told = copy.deepcopy(made)
    schemas: dict[str, Any] = told.setdefault("components", {}).setdefault("schemas", {})
    schemas |= _schemas(Problem, PushAnswer)
    for path, item in told["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post"}:
                _complete(path.removeprefix("/api/v1"), method, operation)
    return told


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    _split(operation)
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _present(parameter["schema"])
    answers = {code: said for code, said in operation["responses"].items() if code < "400"}
    if path == "/health":
        answers["503"] = answers["200"] | {"description": "Not up."}
        answers |= {code: _problem(_PROBLEMS[code]) for code in ("400", "405", "500")}
        operation["security"] = [{}]
    else:
        codes = (*_OF_ALL, *(_OF_POSTS if method == "post" else ()))
        answers |= {code: _problem(_PROBLEMS[code]) for code in codes}
        for code in answers.keys() - _BEFORE_A_KEY:
            answers[code]["headers"] = dict(_RATES)
        operation["security"] = [{"key": []}]
        operation["description"] = f"{operation['description']}\n\nScope: `{_SCOPES[(path, method)]}`."
    if method == "post":
        _complete_post(path, operation, answers)
    if path == "/metrics":
        answers["200"]["content"] = {TEXT.partition(";")[0]: {"schema": {"type": "string"}}}
    operation["responses"] = answers


def _complete_post(path: str, operation: dict[str, Any], answers: dict[str, Any]) -> None:
    """What the framework cannot see: a body that is read as it arrives, an answer that may be an earlier one."""
    if path == "/sightings":
        body = {"schema": {"type": "string", "minLength": 1, "maxLength": BODY_BYTES_MAX}}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(TYPES, body)}
    answers["200"] = _json("What became of it.", "PushAnswer" if path == "/sightings" else "Acted")
    answers["200"]["headers"] = _RATES | _REPLAYED


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """What a parameter is where there is one: an absent one is left out, not null."""
    if None in schema.get("enum", ()):
        return schema | {"type": "string", "enum": [each for each in schema["enum"] if each is not None]}
    kinds = [each for each in schema.get("oneOf", ()) if each.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "oneOf"}
    return {**kinds[0], **rest}


def _split(operation: dict[str, Any]) -> None:
    """The first sentence of a handler's docstring is the summary."""
    whole = " ".join(str(operation.get("description") or operation.get("summary") or "").split())
    first, _, rest = whole.partition(". ")
    operation["summary"] = first.rstrip(".")
    operation["description"] = rest or f"{first.rstrip('.')}."


def _problem(said: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": said, "content": content}


def _json(said: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": said, "content": content}


def _schemas(*types: type) -> dict[str, Any]:
    _, components = msgspec.json.schema_components([*types, Acted], ref_template="#/components/schemas/{name}")
    return dict(components)


OPENAPI = OpenAPIConfig(
    title="Tocsin",
    version=__version__,
    description=_SAYS,
    components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
    render_plugins=[Description()],
    openapi_router=_Bare("/api/v1", route_handlers=[], include_in_schema=False),
    use_handler_docstrings=True,
)
