"""Where a redirect leads, if anybody can tell.

Comes in: the address that was asked, and the answer. Goes out: the parts of the new address.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

from probe.evidence import Failure, Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def location_of(here: str, outcome: Response | Failure, location: str = "") -> SplitResult | None:
    """Return the address that a redirect names, seen from `here`; None for no redirect or no address.

    `location` is the address as it came, where the masked one of the evidence does not do.
    """
    if not isinstance(outcome, Response) or outcome.status not in _REDIRECTS:
        return None
    try:
        return urlsplit(urljoin(here, location or outcome.header("location")))
    except ValueError:  # a server may send anything
        return None
