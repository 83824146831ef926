"""Prints how the same-page decision fares: `python tests/reading/same_page.py ../shared/corpus`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from page_pairs import different_pairs, same_pairs

from probe.reading import pages


def measure(same, different) -> tuple[float, float, list[str], list[str]]:
    """Return precision, recall, the pairs missed, and the pairs taken for the same wrongly."""
    missed = [name for name, a, b in same if not pages.same_page(a, b)]
    wrong = [name for name, a, b in different if pages.same_page(a, b)]
    hits = len(same) - len(missed)
    precision = hits / (hits + len(wrong)) if hits + len(wrong) else 1.0
    return precision, hits / len(same), missed, wrong


def by_fingerprint(same, different) -> tuple[float, float]:
    """Return precision and recall of plain equality of fingerprints, for comparison."""
    hits = sum(a.fingerprint == b.fingerprint for _, a, b in same)
    wrong = sum(a.fingerprint == b.fingerprint for _, a, b in different)
    return hits / (hits + wrong), hits / len(same)


def main(corpus: Path | None) -> None:
    """Print the figures for the chosen thresholds and for those around them."""
    same, different = list(same_pairs(corpus)), list(different_pairs(corpus))
    print(f"{len(same)} pairs of one page, {len(different)} pairs of two")
    print("equal fingerprints only: precision {:.4f}, recall {:.4f}".format(*by_fingerprint(same, different)))
    chosen = pages.MOST_WORDS_APART, pages.LEAST_STRUCTURE, pages.state_words
    for words in (0, 1, 2, 3, 5, 8):
        for built in (0.5, 0.7, 0.9):
            for states in (True, False):
                pages.MOST_WORDS_APART, pages.LEAST_STRUCTURE = words, built
                pages.state_words = chosen[2] if states else frozenset
                precision, recall, _, _ = measure(same, different)
                mark = "  <- chosen" if (words, built, states) == (*chosen[:2], True) else ""
                kept = "states kept apart" if states else "any word"
                print(f"words {words} structure {built} {kept:17}: {precision:.4f} {recall:.4f}{mark}")
    pages.MOST_WORDS_APART, pages.LEAST_STRUCTURE, pages.state_words = chosen
    _, _, missed, wrong = measure(same, different)
    print("missed:", *missed, sep="\n  ")
    print("wrongly the same:", *wrong, sep="\n  ")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
