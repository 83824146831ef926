"""Files for schedulers of this machine: cron, systemd, launchd.

Comes in: a Job. Goes out: files as texts, with absolute paths and secrets by reference.
"""

from __future__ import annotations

import plistlib
from pathlib import Path

from probe.errors import ConfigError
from probe.schedule.job import QUIET_CODES, Job, Places
from probe.schedule.notes import env_note, history_place
from probe.schedule.quoting import (
    cron_command,
    shell,
    systemd_path,
    systemd_paths,
    systemd_words,
    xml_comment,
)
from probe.schedule.template import File, fill

_OVERLAPPED = 75


def cron(job: Job) -> tuple[File, ...]:
    """Return a crontab file of one line."""
    _refuse_backslashes(job.places)
    wishes = job.wishes
    lock, log = (f".{wishes.name}.{end}" for end in ("lock", "log"))
    # After the `cd`, what lies in the configuration's folder needs no long path: cron's line is short.
    steps = [f"cd {shell([job.folder])}"]
    if job.variables:
        steps += ["set -a", f". {shell([_from(job, job.places.env_file)])}", "set +a"]
    words = [_from(job, word) for word in job.local_command]
    scan = shell([*words, "--jitter", f"{wishes.jitter_s}s"])
    # `&&` up to the scan: without its folder and its variables, it is not started.
    start = " && ".join([*steps, f"flock -n -E {_OVERLAPPED} {lock} {scan} >>{log} 2>&1"])
    quiet = f'c=$?; case $c in 0|3|{_OVERLAPPED}) ;; *) echo "exit code $c, see $PWD/{log}" ;; esac'
    text = fill(
        "cron.txt",
        host=job.host or "the organization",
        words=wishes.when.words,
        user=job.places.user,
        output_dir=job.places.output_dir,
        history=history_place(job),
        env_note=env_note(job),
        schedule=wishes.when.cron,
        command=cron_command(f"{start}; {quiet}; exit $c"),
    )
    return (File(name=f"{wishes.name}.cron", text=text),)


def _from(job: Job, path: str) -> str:
    """Return a path as it is reached from the configuration's folder; other words stay as they are."""
    return f"./{path.removeprefix(job.folder + '/')}" if path.startswith(f"{job.folder}/") else path


def systemd(job: Job) -> tuple[File, ...]:
    """Return a service and its timer."""
    _refuse_backslashes(job.places)
    places, wishes = job.places, job.wishes
    writable = [places.output_dir, places.data_dir]
    environment = f"EnvironmentFile={systemd_path(places.env_file)}\n" if job.variables else ""
    service = fill(
        "systemd.service",
        host=job.host or "the organization",
        name=wishes.name,
        user=places.user,
        user_line=systemd_path(places.user),
        folders=shell(writable),
        output_dir=places.output_dir,
        history=history_place(job),
        env_note=env_note(job),
        folder=systemd_path(job.folder),
        environment=environment,
        command=systemd_words(job.local_command),
        writable=systemd_paths(writable),
    )
    timer = fill(
        "systemd.timer",
        name=wishes.name,
        words=wishes.when.words,
        calendar=wishes.when.on_calendar,
        jitter=f"{wishes.jitter_s}s",
    )
    return (
        File(name=f"{wishes.name}.service", text=service),
        File(name=f"{wishes.name}.timer", text=timer),
    )


def launchd(job: Job) -> tuple[File, ...]:
    """Return a property list for a user's launch agent."""
    _refuse_backslashes(job.places)
    wishes, label = job.wishes, f"local.{job.wishes.name}"
    log = str(Path(job.folder) / f"{wishes.name}.log")
    scan = [*job.local_command, *QUIET_CODES, "--jitter", f"{wishes.jitter_s}s"]
    if job.variables:
        # The shell gets the file's path and the scan's words as arguments, so nothing is quoted here.
        scan = ["/bin/sh", "-c", 'set -a && . "$0" && set +a && exec "$@"', job.places.env_file, *scan]
    entry = {
        "Label": label,
        "ProgramArguments": scan,
        "WorkingDirectory": job.folder,
        "StartCalendarInterval": wishes.when.launchd,
        "StandardOutPath": log,
        "StandardErrorPath": log,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Umask": 0o077,
    }
    whole = plistlib.dumps(entry, sort_keys=False).decode()
    inner = whole.partition('<plist version="1.0">\n')[2].partition("\n</plist>")[0]
    text = fill(
        "launchd.plist",
        host=job.host or "the organization",
        words=wishes.when.words,
        label=label,
        env_note=xml_comment(env_note(job, "  ")),
        dict=inner,
    )
    return (File(name=f"{label}.plist", text=text),)


def _refuse_backslashes(places: Places) -> None:
    """Raise ConfigError for a path in which these files' grammars would read an escape."""
    for path in (*places.program, places.config, places.env_file, places.output_dir, places.data_dir):
        if "\\" in path:
            raise ConfigError("A path holds a backslash, which schedulers read as an escape.", "Rename it.")
