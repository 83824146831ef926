"""The way into this room: which schedulers there are, and the file of one of them.

Comes in: a scheduler's name and a Job. Goes out: files as texts. Pure: writes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from probe.schedule import local, remote
from probe.schedule.job import Job
from probe.schedule.template import File


class Scheduler(StrEnum):
    """What can start a scan."""

    CRON = "cron"
    SYSTEMD = "systemd"
    GITHUB = "github"
    GITLAB = "gitlab"
    KUBERNETES = "kubernetes"
    LAUNCHD = "launchd"


def render(scheduler: Scheduler, job: Job) -> tuple[File, ...]:
    """Return the files for a scheduler. Raises ConfigError for what its grammar cannot hold."""
    match scheduler:
        case Scheduler.CRON:
            return local.cron(job)
        case Scheduler.SYSTEMD:
            return local.systemd(job)
        case Scheduler.GITHUB:
            return remote.github(job)
        case Scheduler.GITLAB:
            return remote.gitlab(job)
        case Scheduler.KUBERNETES:
            return remote.kubernetes(job)
        case Scheduler.LAUNCHD:
            return local.launchd(job)
        case _:
            assert_never(scheduler)
