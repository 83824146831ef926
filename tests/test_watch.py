"""`probe watch` as a user runs it: real processes, signals and HTTP against the simulator."""

import asyncio
import json
import re
import signal
import urllib.request
from datetime import UTC, datetime

import pytest
from processes import free_port, process, simulator

from probe.errors import ConfigError, ExitCode, UsageError
from probe.watch import Watch, cron_trigger, interval_trigger


def configure(folder, base_url, more=""):
    (folder / "probe.toml").write_text(
        f'base_url = "{base_url}"\nallow_http = true\nonly = ["users.list", "groups.list"]\n'
        'formats = ["json"]\n'
        f'output_dir = "out"\n{more}\n[tokens.admin]\nenv = "ADMIN_SECRET"\n'
        '[limits]\nrequests_per_minute = "off"\nretries = 0\n'
    )


def line_with(started, words):
    """Read lines of stderr until one holds `words`."""
    seen = []
    for line in started.stderr:
        seen.append(line)
        if words in line:
            return line
    raise AssertionError("".join(seen))


def test_it_scans_serves_metrics_reloads_and_stops(tmp_path):
    with simulator() as base_url:
        configure(tmp_path, base_url)
        args = ("watch", "--every", "1d", "--no-history", "--metrics", "127.0.0.1:0")
        with process(*args, "--metrics-file", "m.prom", cwd=tmp_path) as watch:
            address = line_with(watch, "Metrics:").split()[1]
            line_with(watch, "exit code 0")
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own
                served = answer.read().decode()
            assert re.search(r'plan_probe_scans_total\{.*result="done"\} 1\.0', served)
            assert "python_info" not in served
            assert (tmp_path / "m.prom").read_text() == served
            (tmp_path / "probe.toml").write_text("base_ulr = 3")
            watch.send_signal(signal.SIGHUP)
            assert "base_ulr" in line_with(watch, "not used")
            configure(tmp_path, base_url)
            watch.send_signal(signal.SIGHUP)
            line_with(watch, "read again")
            watch.send_signal(signal.SIGTERM)
            assert watch.wait(timeout=20) == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text())["complete"] is True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_in_a_scan_writes_what_it_gathered(number, tmp_path):
    with simulator("--latency", "1500") as base_url:
        configure(tmp_path, base_url)
        with process("watch", "--every", "1d", "--no-history", cwd=tmp_path) as watch:
            line_with(watch, "Watching")
            line_with(watch, "Scanning")
            watch.send_signal(number)
            assert watch.wait(timeout=20) == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text())["complete"] is False


def test_a_server_that_is_away_stops_nothing(tmp_path):
    configure(tmp_path, "http://127.0.0.1:9")
    with process("watch", "--every", "1s", "--runs", "2", "--no-history", cwd=tmp_path) as watch:
        _, err = watch.communicate(timeout=30)
    assert watch.returncode == 3
    assert err.count("exit code 3") == 2


def test_a_message_is_sent_after_so_many_without_a_conclusion(httpserver, tmp_path):
    httpserver.expect_request("/hook").respond_with_data("")
    configure(tmp_path, "http://127.0.0.1:9")
    with (tmp_path / "probe.toml").open("a") as file:
        file.write(f'[notify]\nnot_measured_after = 2\nwebhook = {{ url = "{httpserver.url_for("/hook")}", '
                   'secret = "env:HOOK" }\n')  # fmt: skip
    args = ("watch", "--every", "1s", "--runs", "3", "--no-history")
    with process(*args, cwd=tmp_path, HOOK="h" * 20) as watch:
        watch.communicate(timeout=30)
    ((request, _),) = httpserver.log
    assert json.loads(request.get_data())["events"] == ["not-measured"]


@pytest.mark.parametrize(
    "args", [[], ["--every", "6x"], ["--every", "1h", "--cron", "* * * * *"], ["--cron", "1 2 3"],
             ["--cron", "0 6 * * *", "--timezone", "Nowhere/Else"], ["--cron", "0 6 1 * 1"]],
)  # fmt: skip
def test_a_wrong_schedule_is_said(args, tmp_path):
    with process("watch", *args, "--no-history", cwd=tmp_path) as watch:
        _, err = watch.communicate(timeout=20)
    assert watch.returncode == 2
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        ("0 6 * * *", "UTC", "2026-11-24T07:00", "2026-11-25T06:00"),
        ("0 6 * * 0", "UTC", "2026-11-24T07:00", "2026-11-29T06:00"),  # a Sunday
        ("0 6 * * 7", "UTC", "2026-11-24T07:00", "2026-11-29T06:00"),
        ("0 6 * * 1-5", "UTC", "2026-11-28T07:00", "2026-11-30T06:00"),  # a Monday
        ("0 6 * * */2", "UTC", "2026-11-24T07:00", None),
        ("0 6 * * *", "Europe/Berlin", "2026-11-24T07:00", "2026-11-25T05:00"),
    ],
)
def test_a_crontab_means_what_cron_means(expression, zone, after, expected):
    start = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = cron_trigger(expression, 0, zone).get_next_fire_time(None, start)
    assert expected is None or found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


async def watched(scan, runs=3, load=lambda: "settings"):
    said = []
    watch = Watch(load, scan, said.append, runs=runs)
    await watch.run(interval_trigger(1, 0), asyncio.Event(), at_once=True)
    return watch, said


async def test_a_scan_that_breaks_is_said_and_the_next_goes_on():
    outcomes = iter([ConfigError("Wrong.", "Do this."), RuntimeError("secret"), ExitCode.REGRESSION])

    async def scan(_setup, _stop):
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    watch, said = await watched(scan)
    assert watch.last_code is ExitCode.REGRESSION
    assert ["Wrong" in said[0], "RuntimeError" in said[1], "secret" in said[1]] == [True, True, False]


async def test_two_scans_never_run_at_once():
    running = []

    async def scan(_setup, _stop):
        assert not running
        running.append(1)
        await asyncio.sleep(2.2)
        running.clear()
        return ExitCode.DONE

    _, said = await watched(scan, runs=2)
    assert any("left out" in line for line in said)


def test_wrong_weekdays_are_refused():
    with pytest.raises(UsageError):
        cron_trigger("0 6 * * 9", 0, "UTC")


def test_a_restart_neither_forgets_nor_repeats_what_was_told(httpserver, tmp_path):
    """One port, so one organization to the history: on its highest plan, then twice on a lower one."""
    httpserver.expect_request("/hook").respond_with_data("")
    port = str(free_port())
    hook = f'{{ url = "{httpserver.url_for("/hook")}", secret = "env:HOOK" }}'
    codes = []
    for plan in ("enterprise", "business", "business"):
        with simulator("--plan", plan, port=port) as base_url:
            configure(tmp_path, base_url)
            with (tmp_path / "probe.toml").open("a") as file:
                file.write('[regression]\nconfirm_after = 0\n[history]\nurl = "sqlite:///runs.db"\n')
                file.write(f"[notify]\nwebhook = {hook}\n")
            with process("watch", "--once", cwd=tmp_path, HOOK="h" * 20) as watch:
                watch.communicate(timeout=30)
            codes.append(watch.returncode)
    assert codes == [0, 10, 0]
    ((request, _),) = httpserver.log
    assert json.loads(request.get_data())["operations_lost"] == ["groups.list", "users.list"]
