"""The samples are what this version says of the evidence beside them, and the evidence is current."""

import msgspec
import pytest
from samples import OPTIONS, RUNS, run_text, sample_formats, sample_path, scan_sample

from probe.catalog.load import load_catalog
from probe.evidence import Run
from probe.pipeline import judge
from probe.report.write import FORMATS

STALE = "is out of date: run `make samples` and look at the difference"


@pytest.mark.parametrize("name", OPTIONS)
def test_a_sample_is_rebuilt_from_its_evidence_byte_for_byte(name):
    run = msgspec.json.decode((RUNS / f"{name}.json").read_bytes(), type=Run)
    report = judge(run, load_catalog())
    for kind in sample_formats(name):
        rebuilt = "".join(FORMATS[kind][1](report))
        assert rebuilt == sample_path(name, kind).read_text(), f"{sample_path(name, kind)} {STALE}"


@pytest.mark.parametrize("name", OPTIONS)
async def test_the_evidence_is_what_a_scan_sees_today(name):
    assert run_text(await scan_sample(name)) == (RUNS / f"{name}.json").read_text(), f"{name} {STALE}"
