"""`probe schedule`: prints the file that makes a scheduler scan.

Comes in: the command line and probe.toml. Goes out: text on stdout, or files in a folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probe.config import ConfigFile
    from probe.schedule.job import Places
    from probe.schedule.template import File

SCHEDULERS = ("cron", "systemd", "github", "gitlab", "kubernetes", "launchd")


@click.command()
@click.argument("scheduler", type=click.Choice(SCHEDULERS))
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("probe.toml"),
    show_default=True,
    help="The configuration that is scanned.",
)
@click.option("--every", metavar="6h", help="The time between scans: 5m to 12h, or 1d.  [default: 1d]")
@click.option("--at", metavar="HH:MM", help="Once a day at this time.")
@click.option(
    "--jitter",
    metavar="10m",
    default="10m",
    show_default=True,
    help="The longest random wait before a scan; 0s for none.",
)
@click.option("--name", default="plan-probe", show_default=True, help="The name of the job.")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    help="Where the latest report goes.  [default: reports/latest]",
)
@click.option("--history", metavar="URL", help="The history that it records to, without a password.")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    help="The file with the variables, for cron, systemd and launchd.  [default: probe.env beside it]",
)
@click.option("--package", metavar="REQUIREMENT", help="What pip installs elsewhere.")
@click.option("--image", help="The container image, for kubernetes.")
@click.option(
    "--write",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write files, print nothing.",
)
def command(  # noqa: PLR0913, PLR0917 - one argument for each option
    scheduler: str,
    config: Path,
    every: str | None,
    at: str | None,
    jitter: str,
    name: str,
    output_dir: Path | None,
    history: str | None,
    env_file: Path | None,
    package: str | None,
    image: str | None,
    write: Path | None,
) -> None:
    """Print a ready, commented file that makes a scheduler scan.

    \b
    Example:
      probe schedule systemd --every 6h --write .
      probe schedule github --at 06:30 > .github/workflows/plan-probe.yml

    Secrets stand in it by reference only. Times are UTC for systemd, GitHub and Kubernetes, and the
    machine's own for cron and launchd.
    """
    from probe.config import read_config
    from probe.schedule.job import Wishes, job_from
    from probe.schedule.render import Scheduler, render
    from probe.schedule.when import seconds_in, when_of

    read = read_config(config)
    places = _places(read, config, output_dir, env_file)
    wishes = Wishes(
        name=name,
        when=when_of(every, at, f"{read.base_url}\n{places.config}"),
        jitter_s=0 if jitter == "0s" else seconds_in(jitter, "--jitter"),
        history=history or "",
        package=package or "",
        image=image or "",
    )
    files = render(Scheduler(scheduler), job_from(read, places, wishes))
    if write is None:
        _print(files)
    else:
        _write(files, write)


def _places(read: ConfigFile, config: Path, output_dir: Path | None, env_file: Path | None) -> Places:
    import getpass

    from platformdirs import user_data_path

    from probe.schedule.job import Places

    path = _absolute(config)
    said = output_dir or (path.parent / read.output_dir if read.output_dir else None)
    return Places(
        program=_program(),
        config=str(path),
        repository=str(_repository(path)),
        env_file=str(_absolute(env_file or path.with_name(f"{path.stem}.env"))),
        output_dir=str(_absolute(said or path.parent / "reports" / "latest")),
        data_dir=str(user_data_path("plan-probe", appauthor=False)),
        user=getpass.getuser(),
    )


def _absolute(path: Path) -> Path:
    """Return an absolute path as it was written: a link stays a link, so that its target may change."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links


def _program() -> tuple[str, ...]:
    """Return the words that start this very installation: its script, or its interpreter."""
    script = Path(sys.executable).with_name("probe")
    return (str(script),) if script.is_file() else (sys.executable, "-P", "-m", "probe")


def _repository(path: Path) -> Path:
    return next((folder for folder in path.parents if (folder / ".git").exists()), path.parent)


def _print(files: tuple[File, ...]) -> None:
    for file in files:
        if len(files) > 1:
            click.echo(f"# ---- {file.name}")
        click.echo(file.text)


def _write(files: tuple[File, ...], folder: Path) -> None:
    from probe.cli.placing import placed_by
    from probe.masking import Mask
    from probe.report.write import write_artefact

    for file in files:
        with placed_by("--write"):
            write_artefact(folder / file.name, [file.text], Mask())
        click.echo(f"Wrote {folder / file.name}.")
