"""`tocsin people`: who may sign in at the desk."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from tocsin.cli import people_keys
from tocsin.cli.options import data_options, json_option, reason_option

ROLES = ("viewer", "phone", "agent", "lead", "admin")


@click.group("people", short_help="Say who may sign in at the desk.")
def command() -> None:
    """Add, list and shut out those who work at the desk. Each step stands in the audit."""


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@click.option("--password-stdin", is_flag=True, help="Take the password from standard input instead of a link.")
@data_options
def add(name: str, role: str, password_stdin: bool, data: Path | None, config_file: Path | None) -> None:
    """Add somebody, and print a link by which they choose their password: once, within two days."""
    from tocsin.book.people import ROLES as KNOWN
    from tocsin.pipeline import people
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.house import House

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    with House.open(config_file=config_file, data=data) as house:
        by = f"{worker()} (command line)"
        with house.book.write() as tx:
            token = people.invite(tx, name, KNOWN[ROLES.index(role)], at=house.now, by=by)
            if password_stdin:
                people.set_first_password(tx, house, name.strip().lower(), password, by=by)
    if password_stdin:
        click.echo(f"{name.strip().lower()} may sign in", err=True)
    else:
        click.echo(people.link_url(house.config.web.url_of("desk"), token))
        click.echo("it opens once, within two days, and is shown only now", err=True)


@command.command("link")
@click.argument("name")
@click.option("--second-factor", is_flag=True, help="Take the second factor away too: the telephone is lost.")
@data_options
def link(name: str, second_factor: bool, data: Path | None, config_file: Path | None) -> None:
    """Print another link, for somebody who has lost their password."""
    from tocsin.book import people as book_people
    from tocsin.pipeline import people
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house, house.book.write() as tx:
        row, by = book_people.demand(tx, name), f"{worker()} (command line)"
        if second_factor:
            people.forget_factor(tx, row.name, at=house.now, by=by, reason="lost")
        token = people.new_link(tx, row.name, at=house.now, by=by)
    click.echo(people.link_url(house.config.web.url_of("desk"), token))


@command.command("list")
@data_options
@json_option
def list_(data: Path | None, config_file: Path | None, as_json: bool) -> None:
    """Print everybody: name, role, second factor, since when, shut out or not."""
    from tocsin.book import people
    from tocsin.pipeline.house import House
    from tocsin.terms.moments import format_moment

    with House.open(config_file=config_file, data=data) as house, house.book.read() as tx:
        rows = people.every(tx)
    for row in rows:
        out = {"disabled_at": format_moment(row.disabled_at)} if row.disabled_at else {}
        told = {"name": row.name, "role": row.role, "second_factor": row.totp is not None}
        told |= {"created_at": format_moment(row.created_at), "created_by": row.created_by, **out}
        if as_json:
            sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
        else:
            factor = "second factor" if row.totp is not None else "-"
            click.echo(f"{row.name:<24} {row.role:<8} {factor:<14} {'shut out' if row.disabled_at else ''}".rstrip())
    if not rows and not as_json:
        click.echo("nobody yet: tocsin people add NAME --role admin", err=True)


@command.command("disable")
@click.argument("name")
@reason_option
@data_options
def disable(name: str, reason: str, data: Path | None, config_file: Path | None) -> None:
    """Shut somebody out: their sessions end at once."""
    from tocsin.pipeline import people
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house, house.book.write() as tx:
        row = people.disable(tx, name, at=house.now, by=f"{worker()} (command line)", reason=reason)
    click.echo(f"{row.name} is out", err=True)


@command.command("enable")
@click.argument("name")
@reason_option
@data_options
def enable(name: str, reason: str, data: Path | None, config_file: Path | None) -> None:
    """Let somebody in again who was shut out."""
    from tocsin.pipeline import people
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house, house.book.write() as tx:
        row = people.enable(tx, name, at=house.now, by=f"{worker()} (command line)", reason=reason)
    click.echo(f"{row.name} may sign in again", err=True)


command.add_command(people_keys.command)
