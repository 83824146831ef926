"""The direction of imports, as DESIGN draws it: the asking half and the judging half never meet."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "probe"

# What a module of each room may import from the package, besides its own room.
GROUND = {
    *("probe", "probe.errors", "probe.secret", "probe.evidence", "probe.catalog.model", "probe.masking"),
    "probe.patterns",
}
ALLOWED = {
    "probe.errors": set(),
    "probe.secret": set(),
    "probe.patterns": set(),
    "probe.evidence": set(),
    "probe.disguise": set(),
    "probe.masking": {"probe.secret", "probe.disguise"},
    "probe.gathering": {"probe.evidence"},
    "probe.jsonbytes": set(),
    "probe.interrupts": set(),
    "probe.proxy": {"probe.errors", "probe.masking", "probe.secret", "probe.target"},
    "probe.target": {"probe.errors", "probe.catalog.model"},
    "probe.config": {"probe.errors", "probe.evidence"},
    "probe.tokens": {"probe.config", "probe.errors", "probe.secret", "probe.masking"},
    "probe.anonymize": GROUND | {"probe.reading.pages"},
    "probe.catalog": GROUND,
    "probe.reading": GROUND,
    "probe.scan": GROUND
    | {"probe.reading", "probe.target", "probe.proxy", "probe.gathering", "probe.catalog.shapes"},
    "probe.judge": GROUND | {"probe.reading.pages"},
    "probe.report": GROUND | {"probe.judge.model", "probe.jsonbytes"},
    "probe.journal": GROUND | {"probe.gathering", "probe.jsonbytes"},
    "probe.history": GROUND
    | {"probe.report", "probe.judge.model", "probe.reading.pages", "probe.jsonbytes", "probe.anonymize"},
    "probe.notify": GROUND | {"probe.report", "probe.judge.model", "probe.proxy"},
    "probe.metrics": GROUND | {"probe.report", "probe.judge.model"},
    "probe.schedule": GROUND | {"probe.config"},
    "probe.simulator": GROUND | {"probe.catalog"},
    "probe.explain": GROUND | {"probe.reading", "probe.judge", "probe.catalog"},
    "probe.pipeline": GROUND
    | {"probe.anonymize", "probe.target"}
    | {"probe.scan", "probe.judge", "probe.report", "probe.reading", "probe.gathering", "probe.interrupts"},
    "probe.expectations": GROUND | {"probe.report", "probe.judge.model"},
    "probe.failing": GROUND | {"probe.report"},
    "probe.embed": GROUND | {"probe.scan", "probe.judge"},
    "probe.channels": GROUND | {"probe.config", "probe.tokens", "probe.notify", "probe.report"},
    "probe.watch": {"probe.errors"},
    "probe.fleet": GROUND
    | {"probe.config", "probe.tokens", "probe.target", "probe.settings", "probe.rounds", "probe.failing"}
    | {"probe.scan.pool", "probe.scan.agenda", "probe.scan.request"}
    | {"probe.scan.calls", "probe.scan.client", "probe.scan.answered", "probe.scan.trust"}
    | {"probe.history", "probe.report", "probe.judge.model", "probe.jsonbytes", "probe.catalog.load"}
    | {"probe.pipeline", "probe.gathering", "probe.journal", "probe.notify.model", "probe.notify.words"},
    "probe.rounds": None,
    "probe.demo": None,
    "probe.settings": None,
    "probe.entry": None,
    "probe.cli": None,
}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "probe"}
    return {name for name in found if name == "probe" or name.startswith("probe.")}


def room_of(module: str) -> str:
    rooms = [room for room in ALLOWED if module == room or module.startswith(f"{room}.")]
    return max(rooms, key=len, default="")


@pytest.mark.parametrize(
    ("module", "path"), list(modules()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_module_imports_only_what_its_room_may(module, path):
    if module in {"probe", "probe.__main__"}:
        return
    room = room_of(module)
    assert room, f"{module} is in no room: add it to the table"
    allowed = ALLOWED[room]
    if allowed is None:
        return
    for name in imports(path) - {"probe", "probe.__version__"}:
        own = name == room or name.startswith(f"{room}.")
        fits = any(name == other or name.startswith(f"{other}.") for other in allowed - {"probe"})
        assert own or fits, f"{module} imports {name}"


@pytest.mark.parametrize(
    ("module", "path"), list(modules()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_only_the_catalog_and_the_simulator_know_a_vendor(module, path):
    if room_of(module) in {"probe.catalog", "probe.simulator", "probe.cli"}:
        return
    text = path.read_text().lower()
    for fine in ('catalog: str = "retool"', '_or_path: str = "retool"', "example.retool.com"):
        text = text.replace(fine, "")
    assert "retool" not in text


@pytest.mark.parametrize(
    ("module", "path"), list(modules()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_only_the_command_line_prints(module, path):
    if room_of(module) == "probe.cli":
        return
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    names = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    assert "print" not in names


def loaded_by(*args: str) -> set[str]:
    show = "print(*sys.modules, file=sys.stderr)"
    code = f"import sys; from probe.cli.main import main; main({list(args)!r}); {show}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "args",
    [
        ("--help",),
        ("--version",),
        *((name, "--help") for name in ("scan", "demo", "judge", "embed", "diff", "check", "baseline")),
        *((name, "--help") for name in ("schedule", "watch", "notify", "history", "fleet")),
    ],
)
def test_help_loads_nothing_heavy(args):
    heavy = {
        "aiohttp",
        "jinja2",
        "selectolax",
        "rich",
        "msgspec",
        "asyncio",
        "tomllib",
        "uvloop",
        "platformdirs",
        "probe.journal",
    }
    heavy |= {"sqlalchemy", "apscheduler", "apprise", "prometheus_client", "distributed", "dask"}
    assert not heavy & loaded_by(*args)


def test_only_the_client_with_its_lock_may_send():
    users = {name for name, path in modules() if "probe.scan.wire" in imports(path)}
    assert users == {"probe.scan.client"}
