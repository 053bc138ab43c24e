"""`tocsin serve`: the desk, the portal and the workers."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from tocsin.cli.options import data_options
from tocsin.terms.errors import BadRequest

_PATH = click.Path(path_type=Path)


@click.command("serve", short_help="Serve the desk and the portal, and do the work behind them.")
@data_options
@click.option(
    "--only", type=click.Choice(["portal", "desk", "worker", "garden"]), help="Only this part, in this process."
)
@click.option("--check-only", is_flag=True, help="Only the portal's check of a mail: no configuration, no book.")
@click.option("--listen", default="127.0.0.1:8080", show_default=True, help="Where --check-only listens.")
@click.option("--url", default="", help="How the world reaches --check-only: https://NAME.")
@click.option("--proxy", "proxies", multiple=True, help="A proxy whose word for the client --check-only believes.")
@click.option("--known", "known_file", type=_PATH, help="Issuers whose proofs --check-only trusts (known.toml).")
@click.option("--lists", type=_PATH, metavar="DIR", help="A folder with lists of harmful links, for --check-only.")
@click.option("--dns", multiple=True, help="Whom --check-only asks for senders' keys: an address, or `system`.")
@click.option("--until-parent-ends", is_flag=True, hidden=True)
def command(
    data: Path | None,
    config_file: Path | None,
    only: str | None,
    check_only: bool,
    listen: str,
    url: str,
    proxies: tuple[str, ...],
    known_file: Path | None,
    lists: Path | None,
    dns: tuple[str, ...],
    until_parent_ends: bool,
) -> int:
    """Serve until stopped: the public portal, the desk for those who sign in, and the workers behind both.

    They listen on loopback unless [web] in the configuration says otherwise.
    """
    serving = _serving()
    if until_parent_ends:
        serving.stop_when_parent_ends()
    if check_only:
        from tocsin.pipeline.checking import Means
        from tocsin.pipeline.websection import WebSection
        from tocsin.proof.known import Known, load_known

        known = load_known(known_file) if known_file else Known()
        means = Means(known=known, lists=str(lists.absolute()) if lists else "", dns=dns)
        web = WebSection(portal=listen, portal_url=url, desk="127.0.0.1:1", proxies=proxies)
        return int(serving.serve_check_only(web, means))
    if only:
        alone = {"portal": serving.serve_portal, "desk": serving.serve_desk, "worker": serving.serve_worker}
        alone["garden"] = serving.serve_garden
        return int(alone[only](config_file=config_file, data=data))
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house:  # a bad configuration is told before anything starts
        web, config_path, folder = house.config.web, house.config_file, house.data
        garden = house.config.garden
        _ = house.keys
    for seat in ("portal", "desk"):
        click.echo(f"{seat}: {web.url_of(seat)}")
    if garden.nas:
        click.echo(f"garden: {garden.url or f'http://{garden.listen}'}")
    arguments = ["--config", str(config_path), "--data", str(folder)]
    return int(serving.serve_all(web, arguments, garden=bool(garden.nas)))


def _serving() -> ModuleType:
    """The web and all that it needs: an extra, and slow to import."""
    try:
        return import_module("tocsin.web.serving")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "tocsin":
            raise
        raise BadRequest(f"{error.name} is not installed", remedy="pip install 'tocsin[web]'") from error
