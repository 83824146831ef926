"""The distinct web pages of a run, and who met each.

Comes in: findings and controls. Goes out: Walls named wall-1, wall-2 ... from the page that most
operations met to the one that fewest did, and the findings with the name of theirs. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from probe.evidence import Exchange, Failure, PageView, Response
from probe.judge.model import Finding, Wall
from probe.reading.pages import same_page


class Pages:
    """Tells which page an answer is, by number, in the order of first sight."""

    def __init__(self) -> None:
        self._pages: list[PageView] = []
        self._by_fingerprint: dict[tuple[str, bool], int] = {}

    def number(self, page: PageView) -> int:
        """Return the number of the page that this one is, a new one if none is."""
        key = (page.fingerprint, page.password_input)
        if key not in self._by_fingerprint:
            self._by_fingerprint[key] = self._find(page)
        return self._by_fingerprint[key]

    def _find(self, page: PageView) -> int:
        for place, other in enumerate(self._pages):
            if same_page(page, other):
                return place
        self._pages.append(page)
        return len(self._pages) - 1


def page_of(exchange: Exchange) -> PageView | None:
    """Return the web page that an exchange ended with, if it did."""
    return page_in(exchange.outcome)


def page_in(outcome: Response | Failure) -> PageView | None:
    """Return the web page that an answer is, if it is one."""
    if isinstance(outcome, Response) and not 300 <= outcome.status < 400:  # noqa: PLR2004 - the range of redirects
        return outcome.body.page
    return None


def wall_names(controls: Iterable[Exchange], exchanges: Iterable[Exchange]) -> tuple[Pages, dict[int, str]]:
    """Give numbers to the pages of a run, and names by how many operations met each."""
    pages = Pages()
    met: dict[int, set[str]] = {}
    for exchange in (*controls, *exchanges):
        page = page_of(exchange)
        if page is not None:
            found = met.setdefault(pages.number(page), set())
            if exchange.role is None:
                found.add(exchange.operation)
    order = sorted(met, key=lambda number: (-len(met[number]), number))
    return pages, {number: f"wall-{place}" for place, number in enumerate(order, start=1)}


def build_walls(controls: tuple[Finding, ...], findings: tuple[Finding, ...]) -> tuple[Wall, ...]:
    """Return the walls that the named findings met, in the order of their names."""
    met: dict[str, list[Finding]] = {}
    for finding in (*controls, *findings):
        if finding.wall:
            met.setdefault(finding.wall, []).append(finding)
    return tuple(_wall(name, met[name]) for name in sorted(met, key=lambda name: int(name.split("-")[1])))


def _wall(name: str, met: list[Finding]) -> Wall:
    pages = [page for page in (page_of(finding.exchange) for finding in met) if page is not None]
    page = pages[0]
    outcomes = [finding.exchange.outcome for finding in met]
    return Wall(
        id=name,
        title=page.title or " ".join(page.headings[:1]),
        excerpt=page.text,
        fingerprint=page.fingerprint,
        statuses=tuple(sorted({item.status for item in outcomes if isinstance(item, Response)})),
        operations=tuple(sorted({item.exchange.operation for item in met if item.exchange.role is None})),
        controls=tuple(sorted({str(item.exchange.role) for item in met if item.exchange.role is not None})),
    )


def with_wall(finding: Finding, pages: Pages, names: dict[int, str]) -> Finding:
    """Return a finding with the name of the page that it met."""
    page = page_of(finding.exchange)
    return finding if page is None else replace(finding, wall=names[pages.number(page)])
