"""The verbs, in one table, and the edge at which errors become words and exit codes."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from tocsin import __version__
from tocsin.terms.errors import TocsinError

VERBS = {  # verb: (module, what it does), in the order of the chain
    "init": ("tocsin.cli.init", "Make a data folder, its keys and a first configuration."),
    "config": ("tocsin.cli.config", "Check the configuration and show it."),
    "watch": ("tocsin.cli.watch", "Find in a server's logs who attacked it; report each network's own to it."),
    "read": ("tocsin.cli.read", "Turn evidence into sightings: a feed or a log, into the lake or onto the screen."),
    "formats": ("tocsin.cli.formats", "List the formats: evidence in and out, binding logs."),
    "detect": ("tocsin.cli.detect", "Judge hosts by their flows: infected, suspicious, clean, or not enough seen."),
    "attribute": ("tocsin.cli.attribute", "Find whose line each sighting was on."),
    "who": ("tocsin.cli.who", "Say who held an address (and port) at a moment."),
    "networks": ("tocsin.cli.networks", "Read prefix tables; show whose network an address was in."),
    "report": ("tocsin.cli.reports", "Tell each network, and each constituent, what was seen of them."),
    "held": ("tocsin.cli.held", "List the sightings held on an address."),
    "why": ("tocsin.cli.why", "Show the flows that a sighting of your own detection rests on."),
    "cases": ("tocsin.cli.cases", "List the cases."),
    "case": ("tocsin.cli.case", "Show one case with its time line."),
    "notify": ("tocsin.cli.notify", "Decide, compose, check and deliver notices; release what a brake held."),
    "policy": ("tocsin.cli.policy", "Show what follows a notice: which step comes when, drawn if you like."),
    "post": ("tocsin.cli.post", "Fetch what came back: bounces and replies, each filed with its case."),
    "home": ("tocsin.cli.home", "List the devices at home, and say which one a notice is about."),
    "check": ("tocsin.cli.check", "Check whether a mail is a genuine notice."),
    "keys": ("tocsin.cli.keys", "List providers' keys, signed; take such a list; confirm what a provider was given."),
    "remedies": ("tocsin.cli.remedies", "Say what a threat is and what helps; write the alerts."),
    "scan": ("tocsin.cli.scan", "Look at files, at what starts by itself and at what runs: is there malware here?"),
    "audit": ("tocsin.cli.audit", "Show the audit, verify its chain, dump the canonical state."),
    "subscriber": ("tocsin.cli.subscriber", "Hand over, or erase, everything that is held of one subscriber."),
    "retention": ("tocsin.cli.retention", "Remove what has been kept for long enough."),
    "people": ("tocsin.cli.people", "Say who may sign in at the desk."),
    "garden": ("tocsin.cli.garden", "Put a line into the walled garden, let it out, obey who wants out."),
    "run": ("tocsin.cli.run", "Take everything configured one step on, from evidence to delivered notices."),
    "measure": ("tocsin.cli.measure", "Measure how long trouble lasts, and how good sources and logs are."),
    "simulate": ("tocsin.cli.simulate", "Compare policies on a simulated town, before they touch anybody."),
    "serve": ("tocsin.cli.serve", "Serve the desk and the portal, and do the work behind them."),
    "demo": ("tocsin.cli.demo", "Build a demo provider and run the whole chain on it."),
}


class Verbs(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = import_module(VERBS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, says) for verb, (_, says) in VERBS.items()])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="tocsin")
def tocsin() -> None:
    """Tocsin: the chain behind an infection notice, from a sighting to a notice that can be checked.

    The data folder is --data, else TOCSIN_DATA, else what the configuration says, else ~/.local/share/tocsin.
    Exit codes: 0 done, 1 done with rejects or refusals, 2 could not.
    """


def main() -> None:
    """The edge: an error of ours is one line on standard error and exit code 2."""
    try:
        code = tocsin.main(standalone_mode=False)
    except TocsinError as error:
        click.echo(f"tocsin: {error}", err=True)
        code = 2
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("tocsin: stopped; a rerun goes on from here", err=True)
        code = 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `head` does
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
