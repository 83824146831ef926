"""Files for schedulers elsewhere: GitHub Actions, GitLab CI, a Kubernetes CronJob.

Comes in: a Job. Goes out: files as texts. Secrets are named, and set on the other side.
"""

from __future__ import annotations

import os
from pathlib import Path

from probe import __version__
from probe.errors import ConfigError
from probe.schedule.job import QUIET_CODES, Job
from probe.schedule.notes import moved_note
from probe.schedule.quoting import shell, yaml_text
from probe.schedule.template import File, fill, indented

_REPORT = "plan-probe-report"
_HISTORY = ".plan-probe/history.db"
_IMAGE = f"registry.example.com/plan-probe:{__version__}"


def github(job: Job) -> tuple[File, ...]:
    """Return a workflow. Raises ConfigError for what GitHub would read as an expression or refuse."""
    name = job.wishes.name
    command = shell(_arguments(job)[1:])
    for text in (command, _package(job)):
        if "${{" in text:
            raise ConfigError("A path or name holds ${{, which GitHub would read.", "Rename it.")
    for variable in job.remote_variables:
        if variable.upper().startswith("GITHUB_"):
            raise ConfigError(f"GitHub takes no secret named {variable}.", "Rename the variable.")
    secrets = [f"{variable}: ${{{{ secrets.{variable} }}}}" for variable in job.remote_variables]
    restore, save = _github_cache(job)
    text = fill(
        "github.yml",
        host=job.host or "the organization",
        words=job.wishes.when.words,
        name=name,
        secrets=", ".join(job.remote_variables),
        moved=moved_note(job),
        cron=yaml_text(job.wishes.when.cron),
        package=shell([_package(job)]),
        environment=indented(secrets, 10),
        command=f"scan {command}",
        restore=restore,
        save=save,
    )
    return (File(name=f"{name}.yml", text=text),)


def gitlab(job: Job) -> tuple[File, ...]:
    """Return a job of a pipeline; its schedule is set in GitLab's own pages."""
    name = job.wishes.name
    cache = [
        "# Each run goes on from the history of the one before.",
        "cache:",
        f"  key: {name}-history",
        "  paths:",
        "    - .plan-probe/",
        "  when: always",
    ]
    text = fill(
        "gitlab.yml",
        host=job.host or "the organization",
        name=name,
        secrets=", ".join(job.remote_variables),
        moved=moved_note(job),
        cron_plain=job.wishes.when.cron,
        install=yaml_text(shell(["python", "-m", "pip", "install", "--quiet", _package(job)])),
        command=yaml_text(shell(["probe", *_arguments(job)])),
        cache="" if job.shared_history else indented(cache, 2),
    )
    return (File(name=f"{name}.gitlab-ci.yml", text=text),)


def kubernetes(job: Job) -> tuple[File, ...]:
    """Return a CronJob and the volume that it keeps its history on."""
    name = job.wishes.name
    own = "" if job.shared_history else "sqlite:////data/history.db"
    jitter = (*QUIET_CODES, "--jitter", f"{job.wishes.jitter_s}s")
    words = [*job.remote_arguments("/config/probe.toml", "/data/report", own), *jitter]
    config = shell([f"--from-file=probe.toml={job.places.config}"])
    environment = [line for variable in job.remote_variables for line in _secret_key(name, variable)]
    text = fill(
        "kubernetes.yml",
        host=job.host or "the organization",
        words=job.wishes.when.words,
        name=name,
        config_line=f"#   kubectl create configmap {name} {config}",
        literals=" ".join(f"--from-file={variable}=PATH" for variable in job.remote_variables),
        moved=moved_note(job),
        package_plain=shell([_package(job)]),
        cron=yaml_text(job.wishes.when.cron),
        image=yaml_text(job.wishes.image or _IMAGE),
        arguments=indented([f"- {yaml_text(word)}" for word in words], 16),
        environment=indented(environment, 16),
    )
    return (File(name=f"{name}.yml", text=text),)


def _arguments(job: Job) -> tuple[str, ...]:
    """Return the words after `probe` in a checked-out repository."""
    config = Path(os.path.relpath(job.places.config, job.places.repository)).as_posix()
    return job.remote_arguments(config, _REPORT, "" if job.shared_history else f"sqlite:///{_HISTORY}")


def _package(job: Job) -> str:
    """Return the requirement to install: this very version, with what the configuration needs."""
    extras = f"[{','.join(job.extras)}]" if job.extras else ""
    return job.wishes.package or f"plan-probe{extras}=={__version__}"


def _github_cache(job: Job) -> tuple[str, str]:
    """Return the steps that carry the history from run to run; none where it is a database elsewhere."""
    if job.shared_history:
        return "", ""
    key = f"{job.wishes.name}-history-"
    restore = [
        "- name: Take up the history of the run before",
        "  uses: actions/cache/restore@v4",
        "  with:",
        "    path: .plan-probe",
        f"    key: {key}${{{{ github.run_id }}}}",
        f"    restore-keys: {key}",
    ]
    save = [
        "- name: Keep the history for the next run",
        "  if: ${{ !cancelled() }}",
        "  uses: actions/cache/save@v4",
        "  with:",
        "    path: .plan-probe",
        f"    key: {key}${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}",
    ]
    return indented(restore, 6), indented(save, 6)


def _secret_key(secret: str, variable: str) -> list[str]:
    return [
        f"- name: {variable}",
        "  valueFrom:",
        "    secretKeyRef:",
        f"      name: {secret}",
        f"      key: {variable}",
    ]
