"""Pages that a server sends in the place of routes that are there.

Comes in: everything asked of operations, and what tells pages and answers apart. Goes out: for a page,
the operations that met it at one time of the run and were answered by the API at another, beside those
that met it whenever they were asked. A page that comes and goes says nothing of routes. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from probe.evidence import Exchange, Failure, Response

# What is said before any route is looked for; a failure in JSON may be a gateway's too.
_BEFORE_ROUTING = frozenset({401, 429})
_FIRST_FAILURE = 500
_TWICE = 2
# A page that gave way to the API in a larger share of the operations that met it says nothing of any.
MOST_COMING = 0.1


class StandIns:
    """Who met which page always, and who only sometimes. Pages go by their numbers."""

    def __init__(
        self,
        asked: Iterable[Exchange],
        page: Callable[[Exchange, Response], int | None],
        answers: Callable[[Exchange, Response], bool],
    ) -> None:
        pages: dict[tuple[str, str], list[int]] = {}
        open_now: set[tuple[str, str]] = set()
        for exchange in asked:
            key = (exchange.operation, exchange.token)
            for outcome in _responses(exchange):
                number = page(exchange, outcome)
                if number is not None:
                    pages.setdefault(key, []).append(number)
                elif _is_routed(outcome) and answers(exchange, outcome):
                    open_now.add(key)
        self.open_at_times = frozenset(key[0] for key in open_now & pages.keys())
        self._coming: dict[int, set[str]] = {}
        self._steady: dict[int, set[str]] = {}
        for key, numbers in pages.items():
            for number in set(numbers):
                if key in open_now:
                    self._coming.setdefault(number, set()).add(key[0])
                elif numbers.count(number) >= _TWICE:
                    self._steady.setdefault(number, set()).add(key[0])

    def coming(self, number: int) -> tuple[str, ...]:
        """Return the operations that met a page at one time and the API at another."""
        return tuple(sorted(self._coming.get(number, ())))

    def share(self, number: int) -> float:
        """Return these as a share of all that tell: 0 for a page that never gave way."""
        coming, steady = self._coming.get(number, set()), self._steady.get(number, set())
        return len(coming) / len(coming | steady) if coming else 0.0


def _is_routed(outcome: Response) -> bool:
    return outcome.status not in _BEFORE_ROUTING and outcome.status < _FIRST_FAILURE


def _responses(exchange: Exchange) -> tuple[Response, ...]:
    return tuple(attempt.outcome for attempt in exchange.attempts if not isinstance(attempt.outcome, Failure))
