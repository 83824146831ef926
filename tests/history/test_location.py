"""Where the history is: what is said first wins, and a password in an address is never shown."""

import pickle
from pathlib import Path

import pytest

from probe.errors import ConfigError
from probe.history.location import Dialect, default_path, locate, parse_location

SECRET = "hunter2-hunter2"


def test_what_is_said_comes_before_the_environment_the_file_and_the_default():
    environ = {"PROBE_HISTORY": "sqlite:////env.db"}
    base = Path("/config")
    assert locate("sqlite:////said.db", "sqlite:////file.db", environ).path == Path("/said.db")
    assert locate(None, "sqlite:////file.db", environ).path == Path("/env.db")
    assert locate(None, "sqlite:///file.db", {}, base).path == Path("/config/file.db")
    assert locate(None, None, {}).path == default_path()


def test_a_relative_path_starts_where_the_command_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert locate("sqlite:///a/b.db", environ={}, base=Path("/config")).path == tmp_path / "a" / "b.db"


def test_the_home_folder_may_be_a_tilde(monkeypatch):
    monkeypatch.setenv("HOME", "/home/user1")
    assert parse_location("sqlite:///~/h.db").path == Path("/home/user1/h.db")


def test_the_default_is_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in default_path().parents


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_password_is_not_shown(scheme):
    where = parse_location(
        f"{scheme}://user1:{SECRET}@db.example.com:5433/probe?sslmode=require&password={SECRET}"
    )
    assert where.dialect is Dialect.POSTGRESQL
    assert where.shown == "postgresql://user1@db.example.com:5433/probe"
    assert SECRET not in repr(where) + str(where) + f"{where}"
    with pytest.raises(TypeError):
        pickle.dumps(where)
    assert SECRET in where.url.reveal()


def test_an_address_may_stand_in_a_variable():
    environ = {"DB": f"postgresql://user1:{SECRET}@localhost/probe"}
    assert locate("env:DB", environ=environ).shown == "postgresql://user1@localhost/probe"
    assert locate(None, "env:DB", environ).shown == "postgresql://user1@localhost/probe"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "history.db",
        "env:",
        "env:NOT_THERE",
        "sqlite:history.db",
        "sqlite://history.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///folder/",
        f"mysql://user1:{SECRET}@localhost/probe",
        f"postgresql://user1:{SECRET}@localhost",
        f"postgresql://user1:{SECRET}@localhost:{SECRET}/probe",
        f"postgresql://user1:{SECRET}@[::1/probe",
        f"{SECRET}",
    ],
)
def test_an_address_that_is_none_is_said_without_repeating_it(text):
    with pytest.raises(ConfigError) as caught:
        parse_location(text, {})
    assert SECRET not in caught.value.message + caught.value.hint + str(caught.value)
    assert caught.value.hint
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
