"""What a simulated organization is like: its plan, its tokens, its version, and what goes wrong.

Comes in: the caller's choice. Goes out: a frozen record. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from probe.catalog.model import Catalog
from probe.errors import UsageError

NEWEST_VERSION = "4.0.0"
# Older than a good part of the API, younger than the rest: both sides of the line can be seen.
OLD_VERSION = "3.40.0"
# The plan names that people say where the catalog splits one in two.
PLAN_ALIASES = {"enterprise": -1}


class Refusal(StrEnum):
    """How the server answers what the plan lacks: as if the route did not exist, or in JSON."""

    HTML = "html"
    JSON = "json"


class Disturbance(StrEnum):
    """What stands between the asker and the API."""

    CLOUDFLARE_CHALLENGE = "cloudflare-challenge"
    WAF_BLOCK = "waf-block"
    LOGIN = "login"
    PROXY = "proxy"
    GATEWAY_502 = "gateway-502"
    MAINTENANCE = "maintenance"
    SPA_VERSION_OLD = "spa-version-old"
    IP_ALLOWLIST = "ip-allowlist"
    WRONG_BASE_URL = "wrong-base-url"
    FLAPPING = "flapping"


class Fault(StrEnum):
    """What a share of the requests meets instead of an answer."""

    BAD_GATEWAY = "bad-gateway"
    SERVER_ERROR = "server-error"
    RATE_LIMITED = "rate-limited"
    RESET = "reset"
    CUT = "cut"


class Grant(Struct, frozen=True, kw_only=True):
    """What a secret text stands for: the token's name and its scopes."""

    name: str
    scopes: tuple[str, ...] = ()


class SimulatorOptions(Struct, frozen=True, kw_only=True):
    """A simulated organization.

    `plan` is a plan of the catalog, or `enterprise` for its highest. `tokens` maps a secret text to
    what it stands for; every other token is refused, so a revoked one is one that was left out.
    `version` is the server's own and empty for the newest that the disturbance allows. `fault_rate`
    is the share of requests, from 0 to 1, that meets one of `faults`; `seed` fixes which.
    `page_nonces` gives every page fresh nonces, as real ones have.
    """

    plan: str = "business"
    refusal: Refusal = Refusal.HTML
    tokens: Mapping[str, Grant] = {}
    latency_ms: float = 0.0
    behind: Disturbance | None = None
    version: str = ""
    page_nonces: bool = True
    fault_rate: float = 0.0
    faults: tuple[Fault, ...] = (Fault.BAD_GATEWAY,)
    seed: int = 0

    @property
    def server_version(self) -> str:
        """The version that the server states and that decides which operations it has."""
        if self.version:
            return self.version
        return OLD_VERSION if self.behind is Disturbance.SPA_VERSION_OLD else NEWEST_VERSION


def plan_id(name: str, catalog: Catalog) -> str:
    """Return the id of the plan that `name` names in `catalog`; raise UsageError where there is none."""
    if name in catalog.rank:
        return name
    if name in PLAN_ALIASES:
        return catalog.plans[PLAN_ALIASES[name]].id
    known = ", ".join(plan.id for plan in catalog.plans)
    raise UsageError(f"There is no plan {name!r}.", f"Choose one of: {known}.")
