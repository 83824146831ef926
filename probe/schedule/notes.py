"""Sentences that several schedulers' files share: where secrets come from.

Comes in: a Job. Goes out: comment lines, free of any secret.
"""

from __future__ import annotations

from probe.schedule.job import Job
from probe.schedule.quoting import shell


def env_note(job: Job, mark: str = "# ") -> str:
    """Say how the variables reach the scan on this machine, or that none are needed."""
    if not job.variables:
        return f"{mark}No variables are needed: the secrets come from files and commands."
    file = job.places.env_file
    lines = [
        f"Secrets come from {file}, one VARIABLE='value' a line, in single quotes:",
        f"  {', '.join(job.variables)}",
        f"Make it first: install -m 0600 /dev/null {shell([file])}",
    ]
    return "\n".join(f"{mark}{line}" for line in lines)


def moved_note(job: Job) -> str:
    """Say which secrets come from a variable there although they do not here; each line a comment."""
    return "".join(
        f"# The token {token.name} comes from a file or a command here, there from {token.variable}.\n"
        for token in job.moved
    )


def history_place(job: Job) -> str:
    """Say where the history is, for a comment."""
    return job.wishes.history or f"as the configuration says, or else in {job.places.data_dir}"
