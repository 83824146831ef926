"""Each scheduler's file is parsed by what reads it, and its command is run, with odd paths and names."""

import json
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from apscheduler.triggers.cron import CronTrigger

from probe.cli.scan import command as scan_command
from probe.config import read_config
from probe.errors import ConfigError, UsageError
from probe.schedule.job import Places, Wishes, job_from
from probe.schedule.render import Scheduler, render
from probe.schedule.when import When, when_of

ODD = ["org one", 'it\'s 100% "odd" $HOME `id`;&|', "zürich"]
CONFIG = """
base_url = "https://example.retool.com"
[tokens.admin]
env = "RETOOL_TOKEN"
scopes = ["users:read"]
[tokens.reader]
cmd = "op read op://private/hidden-command"
[notify]
urls = ["env:SLACK_URL"]
webhook = { url = "https://hooks.example.com/x", secret = "env:HOOK_SECRET" }
"""


def job_in(folder: Path, text: str = CONFIG, **wishes):
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "probe.toml"
    config.write_text(text)
    program = folder / "probe"
    program.write_text(f"#!{sys.executable}\nimport json, os, sys\nseen = [sys.argv, dict(os.environ)]\n"
                       f"open({str(folder / 'seen.json')!r}, 'w').write(json.dumps(seen))\n"
                       "sys.exit(int(os.environ.get('CODE', 0)))\n")  # fmt: skip
    program.chmod(0o755)
    places = Places(
        program=(str(program),),
        config=str(config),
        repository=str(folder.parent),
        env_file=str(folder / "probe.env"),
        output_dir=str(folder / "reports"),
        data_dir=str(folder / "data"),
        user="root",
    )
    said = {"name": "plan-probe", "when": when_of("6h", None, "x"), "jitter_s": 0} | wishes
    return job_from(read_config(config), places, Wishes(**said))


def text_of(scheduler, job, index=0):
    return render(Scheduler(scheduler), job)[index].text


def understood(words):
    """Parse the words of a scan as the command line does."""
    return scan_command.make_context("scan", list(words)).params


def seen(folder):
    argv, environment = json.loads((folder / "seen.json").read_text())
    (folder / "seen.json").unlink()
    return argv[1:], environment


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("code", [0, 3, 10])
def test_the_cron_line_runs_the_scan_and_mails_only_what_matters(name, code, tmp_path):
    folder = tmp_path / name
    text = text_of("cron", job_in(folder))
    (folder / "probe.env").write_text(f"RETOOL_TOKEN='a&b $x'\nCODE={code}\n")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0] == "SHELL=/bin/sh"
    (line,) = lines[1:]
    fields, command = line.split(" ", 5)[:5], line.split(" ", 5)[5]
    CronTrigger.from_crontab(" ".join(fields))
    assert not re.search(r"(?<!\\)%", command)  # cron would end the line there
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("\\%", "%")],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}, cwd="/",
    )  # fmt: skip
    assert done.returncode == code
    assert bool(done.stdout + done.stderr) is (code == 10)
    argv, environment = seen(folder)
    assert understood(argv[1:])["config"] == Path("probe.toml")
    assert environment["PWD"] == str(folder)
    assert environment["RETOOL_TOKEN"] == "a&b $x"


def test_a_second_cron_run_is_left_out_in_silence(tmp_path):
    line = text_of("cron", job_in(tmp_path / "a")).splitlines()[-1]
    (tmp_path / "a" / "probe.env").write_text("")
    held = ["flock", "-n", str(tmp_path / "a" / ".plan-probe.lock"), "/bin/sh", "-c", line.split(" ", 5)[5]]
    done = subprocess.run(held, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (75, "", "")
    assert not (tmp_path / "a" / "seen.json").exists()


@pytest.mark.parametrize("name", ["plain", *ODD])
def test_systemd_takes_both_units_and_reads_the_command_back(name, tmp_path):
    folder = tmp_path / name
    for file in render(Scheduler.SYSTEMD, job_in(folder)):
        (tmp_path / file.name).write_text(file.text)
    units = [str(tmp_path / f"plan-probe.{end}") for end in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "plan-probe" in line]
    assert (done.returncode, ours) == (0, [])


def test_systemd_gives_the_scan_little(tmp_path):
    for file in render(Scheduler.SYSTEMD, job_in(tmp_path / "a")):
        (tmp_path / file.name).write_text(file.text)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(tmp_path / "plan-probe.service")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(re.search(r"exposure level for .*?: ([\d.]+)", done.stdout)[1]) < 2.5


@pytest.mark.parametrize("every", ["5m", "15m", "1h", "6h", "1d"])
def test_cron_and_systemd_mean_the_same_times(every):
    when = when_of(every, None, "any")
    done = subprocess.run(
        [
            "systemd-analyze", "calendar", "--iterations=30", "--base-time=2026-01-01 00:00:00 UTC",
            when.on_calendar,
        ],
        capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C"},
    )  # fmt: skip
    starts = set(re.findall(r"2026-01-\d\d (\d\d:\d\d):00", done.stdout))
    minute, hour = (
        [int(x) for x in field.split(",")] if field != "*" else None for field in when.cron.split()[:2]
    )
    assert starts
    for start in starts:
        assert int(start[3:]) in minute
        assert hour is None or int(start[:2]) in hour


STRING = {"type": "string", "minLength": 1}
WORKFLOW = {
    "type": "object",
    "required": ["name", "on", "permissions", "concurrency", "jobs"],
    "additionalProperties": False,
    "properties": {
        "name": STRING,
        "on": {"required": ["schedule", "workflow_dispatch"]},
        "permissions": {"const": {"contents": "read"}},
        "concurrency": {"properties": {"group": STRING, "cancel-in-progress": {"const": False}}},
        "jobs": {
            "additionalProperties": {
                "required": ["runs-on", "steps", "timeout-minutes"],
                "properties": {
                    "steps": {
                        "items": {
                            "oneOf": [{"required": ["uses"]}, {"required": ["run"]}],
                            "properties": {"uses": {"pattern": r"^actions/[a-z/-]+@v\d+$"}, "run": STRING},
                        }
                    }
                },
            }
        },
    },
}


@pytest.mark.parametrize("code", [0, 3, 10])
@pytest.mark.parametrize("name", ["plain", *ODD])
def test_the_github_workflow_fits_and_runs(name, code, tmp_path):
    folder = tmp_path / name
    loaded = yaml.load(text_of("github", job_in(folder)), yaml.BaseLoader)  # noqa: S506 - our own text
    whole = yaml.safe_load(text_of("github", job_in(folder)))
    whole["on"] = whole.pop(True)
    jsonschema.validate(whole, WORKFLOW)
    CronTrigger.from_crontab(loaded["on"]["schedule"][0]["cron"])
    scan = next(step for step in whole["jobs"]["scan"]["steps"] if step.get("name") == "Scan")
    assert scan["env"]["RETOOL_TOKEN"] == "${{ secrets.RETOOL_TOKEN }}"
    done = subprocess.run(
        ["bash", "-e", "-c", scan["run"]], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"PATH": f"{folder}:/usr/bin:/bin", "CODE": str(code)},
    )  # fmt: skip
    assert done.returncode == (0 if code == 3 else code)
    assert ("::warning" in done.stdout) is (code == 3)
    places = [scan["run"].index(text) for text in ("::stop-commands::$word", "probe scan", "::$word::")]
    assert places == sorted(places)  # what a server says between them is no command to the runner
    said = understood(seen(folder)[0][1:])
    assert said["config"] == Path(name, "probe.toml")
    assert said["tokens"] == ("admin=env:RETOOL_TOKEN", "reader=env:PROBE_TOKEN_READER")


@pytest.mark.parametrize("name", ["plain", *ODD])
def test_the_gitlab_job_fits_and_runs(name, tmp_path):
    folder = tmp_path / name
    whole = yaml.safe_load(text_of("gitlab", job_in(folder)))
    job = whole["plan-probe"]
    known = (
        "image rules resource_group interruptible timeout before_script script allow_failure cache artifacts"
    )
    assert set(job) <= set(known.split())
    assert job["allow_failure"] == {"exit_codes": 3}
    assert job["resource_group"] == "plan-probe"
    assert all(isinstance(line, str) for line in job["script"] + job["before_script"])
    subprocess.run(
        ["/bin/sh", "-c", job["script"][0]], check=True, cwd=tmp_path, env={"PATH": f"{folder}:/bin"}
    )
    assert understood(seen(folder)[0][1:])["config"] == Path(name, "probe.toml")


@pytest.mark.parametrize("name", ["plain", *ODD])
def test_the_cron_job_runs_with_little_and_takes_secrets_by_reference(name, tmp_path):
    claim, cron = yaml.safe_load_all(text_of("kubernetes", job_in(tmp_path / name)))
    assert (claim["kind"], cron["kind"], cron["apiVersion"]) == (
        "PersistentVolumeClaim",
        "CronJob",
        "batch/v1",
    )
    spec = cron["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    CronTrigger.from_crontab(spec["schedule"], timezone=spec["timeZone"])
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    said = understood(container["args"][1:])
    assert said["fail_on"] == "lost,expectation"
    references = {item["name"]: item["valueFrom"] for item in container["env"] if "valueFrom" in item}
    assert set(references) == {"RETOOL_TOKEN", "PROBE_TOKEN_READER", "SLACK_URL", "HOOK_SECRET"}
    assert all(set(item) == {"secretKeyRef"} for item in references.values())
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize("name", ["plain", "two -- hyphens", *ODD])
def test_the_property_list_runs_the_scan(name, tmp_path):
    folder = tmp_path / name
    entry = plistlib.loads(text_of("launchd", job_in(folder)).encode())
    (folder / "probe.env").write_text("RETOOL_TOKEN='a b'\n")
    subprocess.run(entry["ProgramArguments"], check=True, cwd=entry["WorkingDirectory"])
    argv, environment = seen(folder)
    assert understood(argv[1:])["output_dir"] == folder / "reports"
    assert environment["RETOOL_TOKEN"] == "a b"
    assert len(entry["StartCalendarInterval"]) == 4


@pytest.mark.parametrize("scheduler", list(Scheduler))
def test_no_command_that_prints_a_secret_is_repeated(scheduler, tmp_path):
    for file in render(scheduler, job_in(tmp_path / "a")):
        assert "hidden-command" not in file.text
        assert file.text.startswith(("#", "<?xml"))


def test_a_secret_in_clear_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(ConfigError) as caught:
        job_in(tmp_path / "a", '[tokens.admin]\nsecret = "do-not-show-me"')
    assert "do-not-show-me" not in caught.value.message + caught.value.hint
    assert "env" in caught.value.hint


@pytest.mark.parametrize("url", ["postgresql://u:hidden-word@h/d", "postgresql://h/d?password=hidden-word"])
def test_a_password_in_the_history_is_refused(url, tmp_path):
    with pytest.raises(ConfigError) as caught:
        job_in(tmp_path / "a", history=url)
    assert "hidden-word" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        '[tokens.admin]\nenv = "A\\nB"',
        '[tokens.admin]\nenv = "A; id"',
        '[tokens."a\\nb"]\nenv = "A"',
        '[tokens.admin]\nenv = "A"\nscopes = ["x\\ny"]',
        '[tokens.admin]\nenv = "A"\n[notify]\nurls = ["env:A B"]',
    ],
)
def test_a_hostile_configuration_adds_no_line(text, tmp_path):
    with pytest.raises(ConfigError):
        job_in(tmp_path / "a", text)


@pytest.mark.parametrize(
    ("scheduler", "name"),
    [("cron", "back\\slash"), ("systemd", "back\\slash"), ("github", "${{ secrets.X }}")],
)
def test_what_a_grammar_cannot_hold_is_refused(scheduler, name, tmp_path):
    with pytest.raises(ConfigError):
        render(Scheduler(scheduler), job_in(tmp_path / name))


@pytest.mark.parametrize("name", ["line\nfeed", "carriage\rreturn", "trailing\u2028line"])
def test_a_folder_with_a_line_break_is_refused(name, tmp_path):
    with pytest.raises(ConfigError):
        job_in(tmp_path / name)


@pytest.mark.parametrize(
    ("every", "at"), [("7h", None), ("0m", None), ("1w", None), (None, "25:00"), ("1h", "06:00")]
)
def test_a_time_that_no_calendar_can_say_is_refused(every, at):
    with pytest.raises(UsageError) as caught:
        when_of(every, at, "")
    assert caught.value.hint


def test_the_minute_depends_on_the_organization_and_stays():
    minutes = {when_of("6h", None, f"https://{number}.example.com").minute for number in range(200)}
    assert len(minutes) > 30
    assert when_of(None, None, "a") == when_of(None, None, "a")
    assert when_of(None, "06:30", "a") == When(every_s=86_400, hour=6, minute=30)


def test_the_command_prints_or_writes(tmp_path):
    (tmp_path / "probe.toml").write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-m", "probe", "schedule", "systemd", "--write", "units"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "units").iterdir()) == [
        "plan-probe.service",
        "plan-probe.timer",
    ]
    assert "plan-probe.timer" in done.stdout


def test_what_the_tests_read_with_is_here():
    assert shutil.which("systemd-analyze")
    assert shutil.which("flock")
    assert shlex.split("a 'b c'") == ["a", "b c"]
