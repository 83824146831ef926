"""Metrics as Prometheus reads them: the checks are promtool's and the client library's parser's."""

import subprocess

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from synthetic_report import synthetic_report

from probe.cli.aftermath import write_metrics
from probe.errors import ExitCode
from probe.metrics import Board
from probe.secret import Secret, Token

REPORT = synthetic_report()
UNMEASURED = msgspec.structs.replace(REPORT, measured=False, finished_at="2027-01-01T00:00:00Z")


def values(text):
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *sorted(set(sample.labels.items()) - {("organization", own(sample))})): sample.value
        for family in families
        for sample in family.samples
    }


def own(sample):
    return sample.labels["organization"]


def board(*reports, earlier=""):
    made = Board()
    made.take_up(earlier)
    for report, code in reports:
        made.update(report, code)
    return made


@pytest.mark.parametrize("hostile", [False, True])
def test_promtool_finds_nothing_to_say(hostile):
    text = board((synthetic_report(hostile=hostile), ExitCode.DONE)).text()
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_capabilities_and_the_plan_are_those_of_the_report():
    found = values(board((REPORT, ExitCode.DONE)).text())
    capabilities = {key: value for key, value in found.items() if key[0] == "plan_probe_capabilities"}
    assert sum(capabilities.values()) == len(REPORT.capabilities)
    for verdict, number in REPORT.summary.verdicts.items():
        assert sum(v for key, v in capabilities.items() if ("verdict", verdict) in key) == number
    floors = {key: value for key, value in found.items() if key[0] == "plan_probe_plan_floor"}
    assert len(floors) == len(REPORT.plan_titles)
    assert [key[1][1] for key, value in floors.items() if value] == [REPORT.plan.floor]


def test_every_send_is_counted():
    found = values(board((REPORT, ExitCode.DONE)).text())
    sends = sum(item.attempts for item in (*REPORT.findings, *REPORT.controls))
    assert sum(value for key, value in found.items() if key[0] == "plan_probe_requests_total") == sends


def test_a_scan_without_a_conclusion_leaves_what_was_known():
    before = values(board((REPORT, ExitCode.DONE)).text())
    after = values(board((REPORT, ExitCode.DONE), (UNMEASURED, ExitCode.INCONCLUSIVE)).text())
    same = ("plan_probe_capabilities", "plan_probe_plan_floor", "plan_probe_last_success_timestamp_seconds")
    for key, value in before.items():
        if key[0] in same:
            assert after[key] == value
    assert after["plan_probe_measured",] == 0
    assert (
        after["plan_probe_last_scan_timestamp_seconds",] > before["plan_probe_last_scan_timestamp_seconds",]
    )
    assert after["plan_probe_scans_total", ("result", "not_measured")] == 1


def test_counters_go_on_from_an_earlier_file():
    first = board((REPORT, ExitCode.DONE)).text()
    twice = board((REPORT, ExitCode.DONE), earlier=first).text()
    assert twice == board((REPORT, ExitCode.DONE), (REPORT, ExitCode.DONE)).text()
    assert values(twice)["plan_probe_scans_total", ("result", "done")] == 2


@pytest.mark.parametrize(
    "text", ["", "no metrics {", "other_metric 3\n", "plan_probe_requests_total{ 3", "\0"]
)
def test_an_earlier_file_that_is_none_of_ours_is_left_out(text):
    assert board((REPORT, ExitCode.DONE), earlier=text).text() == board((REPORT, ExitCode.DONE)).text()


def test_labels_are_bounded_and_visible():
    long = "g" * 500 + '\n\x1b"\\'
    one = msgspec.structs.replace(REPORT.capabilities[0], group=long)
    text = board((msgspec.structs.replace(REPORT, capabilities=(one,)), ExitCode.DONE)).text()
    labels = {dict(key[1:]).get("group", "") for key in values(text)}
    assert max(map(len, labels)) == 80
    assert "\x1b" not in text


def test_a_file_of_metrics_that_would_hold_a_token_is_not_written(tmp_path, capsys):
    """No name of a label is a token's; this is the last look, as at every other file."""
    token = Token(name="admin", secret=Secret("retool-01h5pq8canary9x7z"))
    named = msgspec.structs.replace(
        REPORT, target=msgspec.structs.replace(REPORT.target, base_url=f"https://{token.secret.reveal()}.com")
    )
    written = Board()
    written.update(named, ExitCode.DONE)
    write_metrics(tmp_path / "m.prom", written)
    assert not list(tmp_path.iterdir())
    assert "was not written" in capsys.readouterr().err
