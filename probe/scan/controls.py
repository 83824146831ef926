"""The probes whose answers are known beforehand and calibrate the rest.

Comes in: the catalog's word on the API, the tokens, random names for routes that cannot exist. Goes
out: calls with their roles. Sends nothing and judges nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from msgspec import Struct

from probe.catalog.model import Catalog, Hazard
from probe.evidence import ControlRole
from probe.scan.calls import HARMLESS_METHODS, Call, FilledId, Origin, operation_call
from probe.secret import Secret, Token

ROUTES_PER_METHOD = 2


class Control(Struct, frozen=True, kw_only=True):
    """A call with its role. `operation` is the catalog's id, or empty where it is no operation."""

    role: ControlRole
    call: Call
    operation: str = ""
    token_name: str = ""


def random_name() -> str:
    """Return a path segment that no server has."""
    return f"no-such-route-{secrets.token_hex(8)}"


def garbage_token() -> Token:
    """Return a token that no server has given out."""
    return Token(name="garbage", secret=Secret(f"garbage-{secrets.token_hex(16)}"))


def anonymous_controls(catalog: Catalog, name: Callable[[], str] = random_name) -> tuple[Control, ...]:
    """Return the controls that carry no token, which go first: they show where a token would go."""
    calibration = catalog.by_id[catalog.vendor.calibration]
    return (
        Control(role=ControlRole.ROOT, call=_get("/")),
        Control(role=ControlRole.API_DOCUMENT, call=_get(catalog.vendor.document)),
        Control(role=ControlRole.NO_SUCH_ROUTE, call=_get(f"{catalog.vendor.api_prefix}/{name()}")),
        Control(
            role=ControlRole.ANONYMOUS, call=operation_call(calibration, (), None), operation=calibration.id
        ),
    )


def token_controls(
    catalog: Catalog,
    tokens: tuple[Token, ...],
    garbage: Token,
    name: Callable[[], str] = random_name,
) -> tuple[Control, ...]:
    """Return the reads that carry a token: routes that cannot exist, a garbage token, and each real one."""
    calibration = catalog.by_id[catalog.vendor.calibration]
    routes = no_such_routes(catalog, tokens[0], ["GET"], name)
    roles = [(ControlRole.GARBAGE_TOKEN, garbage), *((ControlRole.REAL_TOKEN, token) for token in tokens)]
    return (
        *routes,
        *(
            Control(
                role=role,
                call=operation_call(calibration, (), token),
                operation=calibration.id,
                token_name=token.name,
            )
            for role, token in roles
        ),
    )


def no_such_routes(
    catalog: Catalog, token: Token, methods: Iterable[str], name: Callable[[], str] = random_name
) -> tuple[Control, ...]:
    """Return routes that cannot exist, for each of the methods."""
    return tuple(
        Control(
            role=ControlRole.NO_SUCH_ROUTE,
            call=_no_such_route(method, catalog.vendor.api_prefix, name(), token),
            token_name=token.name,
        )
        for method in methods
        for _ in range(ROUTES_PER_METHOD)
    )


def _no_such_route(method: str, prefix: str, name: str, token: Token) -> Call:
    if method in HARMLESS_METHODS:
        return _get(f"{prefix}/{name}", token)
    nothing = FilledId(name="route", value=name, origin=Origin.RANDOM, shown=f"sentinel {name}")
    return Call(
        method=method, template=f"{prefix}/{{route}}", hazard=Hazard.GUARDED, ids=(nothing,), token=token
    )


def closing_controls(catalog: Catalog, tokens: tuple[Token, ...]) -> tuple[Control, ...]:
    """Return the calibration read with each token once more: it shows whether the API is still there."""
    calibration = catalog.by_id[catalog.vendor.calibration]
    return tuple(
        Control(
            role=ControlRole.CLOSING,
            call=operation_call(calibration, (), token),
            operation=calibration.id,
            token_name=token.name,
        )
        for token in tokens
    )


def document_control(catalog: Catalog, token: Token) -> Control:
    """Return the question for the API's document with a token, for servers that want one."""
    return Control(
        role=ControlRole.API_DOCUMENT, call=_get(catalog.vendor.document, token), token_name=token.name
    )


def _get(path: str, token: Token | None = None) -> Call:
    return Call(method="GET", template=path, hazard=Hazard.READ, token=token)
