"""Every outcome has words, and no two outcomes of a kind have the same."""

from __future__ import annotations

import doctest

import pytest

from probe.catalog.model import Hazard
from probe.evidence import ControlRole, Form
from probe.judge.model import Answer, Cause, ClaimStatus, Confidence, Kind, TokenStatus, Verdict
from probe.report import display, exchange_text, host, view, words
from probe.report.changes import ChangeKind, ExpectationVerdict


@pytest.mark.parametrize(
    ("table", "enum"),
    [
        (words.VERDICTS, Verdict),
        (words.KINDS, Kind),
        (words.KINDS_SHORT, Kind),
        (words.CAUSES, Cause),
        (words.CONFIDENCES, Confidence),
        (words.HAZARDS, Hazard),
        (words.ANSWERS, Answer),
        (words.CLAIMS, ClaimStatus),
        (words.TOKENS, TokenStatus),
        (words.CONTROLS, ControlRole),
        (words.CHANGES, ChangeKind),
        (words.EXPECTATIONS, ExpectationVerdict),
        (exchange_text.FORMS, Form),
    ],
)
def test_each_member_has_its_own_word(table, enum):
    assert set(table) == set(enum)
    labels = [word if isinstance(word, str) else word.label for word in table.values()]
    assert len(set(labels)) == len(labels)


def test_a_control_can_stand_in_a_list_between_commas():
    assert not [word.label for word in words.CONTROLS.values() if "," in word.label]


@pytest.mark.parametrize("module", [display, exchange_text, host, view])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0
