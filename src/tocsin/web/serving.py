"""`tocsin serve`: starts the portal, the desk and the workers as processes of their own, and keeps them up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import msgspec
import uvicorn
from litestar import Litestar

from tocsin.pipeline.checking import Means
from tocsin.pipeline.clock import present
from tocsin.pipeline.websection import WebSection, host_and_port
from tocsin.pipeline.work import KINDS, Doer, Worker, serve_lanes
from tocsin.terms.errors import BadRequest
from tocsin.web.app import make_check_only, make_desk, make_garden, make_portal
from tocsin.web.shared.logs import log, start_logs
from tocsin.web.shared.site import Place, Site

_SHUTDOWN_S = 5
_PAUSE_S = 0.2
_RESTART_S = 1.0
_COULD_NOT = 2  # the exit code of an error in words
_HEADER_BYTES_MAX = 16 * 1024
_CONNECTIONS_MAX = 1_000  # more are told 503


def serve_portal(*, config_file: Path | None, data: Path | None) -> int:
    """The portal alone, in this process, until it is told to stop."""
    return _serve_site("portal", make_portal, config_file, data)


def serve_desk(*, config_file: Path | None, data: Path | None) -> int:
    """The desk alone, in this process, until it is told to stop."""
    return _serve_site("desk", make_desk, config_file, data)


def serve_garden(*, config_file: Path | None, data: Path | None) -> int:
    """The garden's page alone: no book, no lake, no desk."""
    from tocsin.web.garden.place import GardenPlace  # noqa: PLC0415 - the others have no use for it

    start_logs("garden")
    place = GardenPlace.open(config_file=config_file, data=data)
    _run(make_garden(place), place.web.portal)
    return 0


def serve_check_only(web: WebSection, means: Means) -> int:
    """The mail check alone: no configuration, no book, nobody's data."""
    start_logs("check")
    place = Place(web, name="", language="en", zone="UTC", clock=present)
    _run(make_check_only(place, means), web.portal)
    return 0


def _serve_site(part: str, make: Callable[[Site], Litestar], config_file: Path | None, data: Path | None) -> int:
    start_logs(part)
    site = Site.open(config_file=config_file, data=data)
    try:
        _run(make(site), site.web.portal if part == "portal" else site.web.desk)
    finally:
        site.close()
    return 0


def _run(app: Litestar, listen: str) -> None:
    bound = _bind(listen)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            proxy_headers=False,  # clients.py reads them, and only from proxies that are named
            server_header=False,
            access_log=False,
            log_config=None,
            lifespan="on",
            h11_max_incomplete_event_size=_HEADER_BYTES_MAX,
            timeout_graceful_shutdown=_SHUTDOWN_S,
            limit_concurrency=_CONNECTIONS_MAX,
        )
    )
    log().info("listening", place=listen)
    server.run([bound])


def _bind(listen: str) -> socket.socket:
    """Listening already, so that a second one is told so in plain words."""
    host, port = host_and_port(listen)
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        raise BadRequest(f"cannot listen: {error.strerror}", where=listen, remedy="choose another in [web]") from error
    return bound


class Child(msgspec.Struct):
    """One process of ours."""

    part: str
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0


def serve_all(web: WebSection, arguments: list[str], *, garden: bool = False) -> int:
    """Portal, desk, workers and perhaps the garden's page, each a process; one that dies is started again.

    Until SIGTERM or SIGINT.

    One that says that it cannot do its work ends all: what is wrong has been said, and would be wrong again.
    """
    start_logs("serve")
    children = [Child("portal"), Child("desk"), *(Child("worker") for _ in range(web.workers))]
    children += [Child("garden")] if garden else []
    stopping = _stop_event()
    try:
        while not stopping.wait(_PAUSE_S):
            if not all(_keep_up(child, arguments) for child in children):
                return _COULD_NOT
    finally:
        _stop(children)
    return 0


def _keep_up(child: Child, arguments: list[str]) -> bool:
    """Start it, again if need be. False when it has said that it cannot."""
    if child.process is not None and child.process.poll() is not None:
        if child.process.returncode == _COULD_NOT:
            return False
        log().warning("stopped by itself", name=child.part, status=child.process.returncode)
        child.process, child.start_at = None, time.monotonic() + _RESTART_S
    if child.process is None and time.monotonic() >= child.start_at:
        command = [sys.executable, "-m", "tocsin", "serve", "--only", child.part, "--until-parent-ends", *arguments]
        child.process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own command
    return True


def _stop(children: list[Child]) -> None:
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(_SHUTDOWN_S + 5)
        except subprocess.TimeoutExpired:
            process.kill()


def stop_when_parent_ends() -> None:
    """Standard input is a pipe that the parent holds: its end is the parent's end, even by kill -9."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def serve_worker(*, config_file: Path | None, data: Path | None) -> int:
    """A worker alone, in this process, until it is told to stop; what it has begun is done first."""
    start_logs("worker")
    site = Site.open(config_file=config_file, data=data)
    stopping = _stop_event()

    def make(kinds: Mapping[str, Doer]) -> Worker:
        worker = Worker(site.book, site.config, site.fresh_house, clock=site.clock, tell=_tell, kinds=kinds)
        log().info("working", worker=worker.name, kinds=sorted(kinds))
        return worker

    try:
        serve_lanes(make, stopping, KINDS)
    finally:
        site.close()
    return 0


def _tell(event: str, /, **words: object) -> None:
    """A bug with all that is known of it, everything else in a line."""
    (log().error if "exc_info" in words else log().info)(event, **words)


def _stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    return stopping
