"""The `probe` command: finds the module of a command when it is asked for, and ends every error well.

Comes in: the command line. Goes out: an exit code. The one place that turns an error into a message.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import Any

import click

from probe import __version__
from probe.cli.streams import forgive_stderr, met_in_printing, open_missing, silence_stdout, tell
from probe.errors import ExitCode, ProbeError, short_reason

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("probe.cli.demo", "Scan a simulated organization and write its report."),
    "init": ("probe.cli.init", "Write a commented probe.toml."),
    "scan": ("probe.cli.scan", "Ask the API with each token and report what the plan allows."),
    "explain": ("probe.cli.explain", "Explain one raw response, as `curl -si URL` prints it."),
    "rules": ("probe.cli.rules", "List the diagnosis rules, what each needs to see, and its source."),
    "embed": ("probe.cli.embed", "Make one real embed address, on request, to see whether a token may."),
    "judge": ("probe.cli.judge", "Judge a saved run again, without a network and without a token."),
    "diff": ("probe.cli.diff", "Say what changed between two runs."),
    "check": ("probe.cli.check", "Check a saved run against what is expected of it."),
    "baseline": ("probe.cli.baseline", "Pin the run that scans are compared with."),
    "watch": ("probe.cli.watch", "Scan on a schedule, with messages and metrics."),
    "fleet": ("probe.cli.fleet", "Scan many organizations, and write one page of all."),
    "notify": ("probe.cli.notify", "Try the messages that probe.toml configures."),
    "schedule": ("probe.cli.schedule", "Print the file that makes cron, systemd or a CI scan."),
    "history": ("probe.cli.history", "List, show, move and remove past runs."),
    "show": ("probe.cli.show", "Show a saved run in the terminal."),
    "bundle": ("probe.cli.bundle", "Pack a saved run into one zip for a ticket."),
    "catalog": ("probe.cli.catalog", "Read and check what is known of the vendor's API."),
    "schema": ("probe.cli.schema", "Print the JSON Schema of report.json."),
    "simulate": ("probe.cli.simulate", "Keep the simulated vendor running, to try things on."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command's module and return its `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; name the nearest ones where there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchOption:
            raise
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=2)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {' or '.join(near)}?", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands from the table, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="probe")
@click.option("--debug", is_flag=True, help="Show the traceback of an error (secrets stay hidden).")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Find out, by asking, what a SaaS plan lets its API tokens do.

    Example: `probe demo --plan business` shows a report without any account.
    """
    ctx.obj = {"debug": debug}


def run(args: list[str] | None = None) -> None:
    """Run the command line and exit with its code (see probe.errors.ExitCode)."""
    open_missing()
    forgive_stderr()
    sys.exit(main(sys.argv[1:] if args is None else args))


def main(args: list[str]) -> int:
    """Run the command line; return the exit code. Every error ends here."""
    try:
        outcome: Any = cli.main(args, prog_name="probe", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        tell("Interrupted.")
        return ExitCode.INTERRUPTED
    except click.exceptions.Exit as error:
        return error.exit_code
    except SystemExit:
        # click ends so, with its output closed, when the reader of our output went away; that is
        # how a filter is told to stop, and no failure.
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001 - the one place that catches what nobody expected
        debug = "--debug" in args[:1]
        if debug:
            tell(_masked(traceback.format_exc().rstrip("\n")))
        return _explain(error, debug=debug)
    return int(outcome) if isinstance(outcome, int) else ExitCode.DONE


def _masked(text: str) -> str:
    """Return the text of an error without any secret: a user, or a library, may have put it there."""
    from probe.masking import Mask
    from probe.secret import secrets_alive

    return "\n".join(map(Mask(secrets_alive()).text, text.split("\n")))


def _explain(error: Exception, *, debug: bool) -> int:
    """Say in a sentence what went wrong and what to do next; return the exit code."""
    match error:
        case click.ClickException():
            error.show()
            return error.exit_code
        case ProbeError():
            tell(_masked(f"Error: {error.message}"))
            if error.hint:
                tell(_masked(f"  {error.hint}"))
            return error.exit_code
        case OSError() if met_in_printing(error):
            silence_stdout()
            tell(f"Error: stdout cannot be written: {short_reason(error)}.")
            return ExitCode.INTERNAL
        case _:
            tell(f"Error: this is a bug in probe ({type(error).__name__}).")
            again = "Run it once more as `probe --debug COMMAND ...`, with --debug before the command,"
            hint = "Report the lines above." if debug else f"{again} and report what it prints."
            tell(f"  {hint}")
            return ExitCode.INTERNAL
