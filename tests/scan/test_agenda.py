import msgspec

from probe.catalog.load import load_catalog
from probe.catalog.model import Asking, Hazard, Operation, PathId
from probe.scan.agenda import make_agenda

CATALOG = load_catalog("retool")


def asked(agenda):
    return [(probe.operation.id, probe.token) for wave in agenda.waves for probe in wave]


def test_every_operation_and_token_stands_in_it_once():
    agenda = make_agenda(CATALOG, ["a", "b"])
    everything = asked(agenda) + [(item.operation, item.token) for item in agenda.skipped]
    assert sorted(everything) == sorted((op.id, token) for op in CATALOG.operations for token in "ab")


def test_only_reads_are_asked():
    agenda = make_agenda(CATALOG, ["a"])
    assert {CATALOG.by_id[operation].hazard for operation, _ in asked(agenda)} == {Hazard.READ}
    assert all(CATALOG.by_id[operation].method == "GET" for operation, _ in asked(agenda))


def test_lists_come_before_what_needs_their_ids():
    agenda = make_agenda(CATALOG, ["a"])
    wave_of = {probe.operation.id: place for place, wave in enumerate(agenda.waves) for probe in wave}
    for operation in (probe.operation for wave in agenda.waves for probe in wave):
        for item in operation.ask.ids:
            if item.source in wave_of and item.source != operation.id:
                assert wave_of[item.source] < wave_of[operation.id], operation.id


def test_a_choice_by_id_group_or_path():
    by_id = {operation for operation, _ in asked(make_agenda(CATALOG, ["a"], ("users.*",)))}
    assert by_id
    assert all(operation.startswith("users.") for operation in by_id)
    by_path = {operation for operation, _ in asked(make_agenda(CATALOG, ["a"], ("GET /api/v2/users",)))}
    assert by_path == {"users.list"}


def test_what_is_not_asked_says_why():
    assert all(item.reason for item in make_agenda(CATALOG, ["a"], ("users.*",)).skipped)


def test_lists_that_need_each_other_do_not_hang():
    one, two = (
        Operation(
            id=name,
            method="GET",
            path=f"/api/v2/{name}/{{id}}",
            group="g",
            summary="",
            hazard=Hazard.READ,
            hazard_reason="GET",
            ask=Asking(ids=(PathId(name="id", sentinel="0", source=other, field="id"),)),
        )
        for name, other in (("one", "two"), ("two", "one"))
    )
    catalog = msgspec.structs.replace(CATALOG, operations=(one, two))
    assert len(asked(make_agenda(catalog, ["a"]))) == 2
