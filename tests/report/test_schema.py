"""The published schema takes every report, refuses others, and says what each part means."""

from __future__ import annotations

import json

import jsonschema
import pytest
from click.testing import CliRunner
from synthetic_report import FEW, not_measured_report, synthetic_report

from probe.cli.main import cli
from probe.report.jsonfile import render_json
from probe.report.schema import report_schema


@pytest.fixture(scope="module")
def validator():
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    "report",
    [synthetic_report(), synthetic_report(hostile=True, guarded=True, names=FEW), not_measured_report()],
    ids=["plain", "hostile", "not measured"],
)
def test_a_report_fits(validator, report):
    validator.validate(json.loads(render_json(report)))


@pytest.mark.parametrize("name", ["findings", "plan", "target", "schema_version"])
def test_a_report_without_a_part_does_not_fit(validator, name):
    document = json.loads(render_json(synthetic_report(names=FEW)))
    del document[name]
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document)


def test_each_part_is_described():
    assert all(part.get("description") or "enum" in part for part in report_schema()["$defs"].values())


def test_the_command_prints_it():
    done = CliRunner().invoke(cli, ["schema"])
    assert done.exit_code == 0
    assert json.loads(done.output) == json.loads(json.dumps(report_schema()))
