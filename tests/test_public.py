import pytest

import probe


@pytest.mark.parametrize("name", ["load_catalog", "gather", "judge_again", "Run", "Report"])
def test_a_public_name_is_loaded_when_it_is_used(name):
    assert getattr(probe, name).__name__ == name


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError):
        _ = probe.no_such_name
