"""An organization that was asked, as it goes to whoever judges it; in another process, too.

Comes in: what its scan was prepared with. Goes out: a Case, and names of what is made of it. A Case is
the one thing in which secrets cross to another process: a child of ours, over a pipe that nobody else
reads, because a finished file is checked for them where it is made. Sends and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from probe.fleet.model import Organization
from probe.masking import Mask
from probe.secret import Secret
from probe.settings import Comparing, Prepared

REPORTS = "organizations"
_LONGEST_NAME = 40


class Sealed:
    """Secrets that may be pickled for a child process, and show themselves nowhere.

    >>> Sealed([Secret("example")])
    <sealed>
    """

    __slots__ = ("_texts",)

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._texts = tuple(secret.reveal() for secret in secrets)

    def opened(self) -> tuple[Secret, ...]:
        """Return the secrets."""
        return tuple(map(Secret, self._texts))

    def __repr__(self) -> str:
        return "<sealed>"

    def __reduce__(self) -> tuple[object, ...]:
        return _sealed, (self._texts,)


def _sealed(texts: tuple[str, ...]) -> Sealed:
    return Sealed(map(Secret, texts))


class Case(Struct, frozen=True, kw_only=True):
    """An organization, how it is compared and written, and what must not show.

    `key` is that of its run in the history. `folder` is the fleet's; `notes` go into its row.
    """

    organization: Organization
    key: str
    comparing: Comparing
    formats: tuple[str, ...]
    folder: Path
    secrets: Sealed
    notes: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The folder of its reports, beside the fleet's page."""
        return f"{REPORTS}/{folder_of(self.organization)}"

    def mask(self) -> Mask:
        """Return a mask that finds its secrets; making one costs some milliseconds."""
        return Mask(self.secrets.opened())


class Doubt(Struct, frozen=True, kw_only=True):
    """What has to be asked again before it counts, by operation and token."""

    pairs: tuple[tuple[str, str], ...]


def case_of(organization: Organization, prepared: Prepared, run: str, folder: Path) -> Case:
    """Return an organization as the fleet run of that id has it judged."""
    return Case(
        organization=organization,
        key=key_of(run, organization),
        comparing=prepared.comparing,
        formats=prepared.formats,
        folder=folder,
        secrets=Sealed(prepared.secrets),
        notes=prepared.warnings,
    )


def key_of(run: str, organization: Organization) -> str:
    """Return the key under which an organization's run of a fleet run is recorded once only."""
    return f"fleet:{run}:{organization.name}:{organization.base_url}"


def folder_of(organization: Organization) -> str:
    """Return a folder's name: of the organization's name, with its id, so that no two are the same."""
    name = re.sub(r"[^a-z0-9]+", "-", organization.name.lower())[:_LONGEST_NAME].strip("-")
    return f"{name}-{organization.id}" if name else organization.id
