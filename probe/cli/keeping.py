"""Keeps a scan's journal while it runs, and says what becomes of it when something goes wrong.

Comes in: the folder of a run. Goes out: its journal, and lines on stderr. The journal goes when the
reports are written; until then it stays, whatever ends the scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probe.journal import Journal
    from probe.masking import Mask


@contextmanager
def kept(folder: Path, mask: Mask) -> Iterator[Journal]:
    """Give a journal for the scan that runs inside; the caller discards it when all reports are written."""
    from probe.cli.output import say
    from probe.errors import ArtefactError, ProbeError
    from probe.journal import Journal, journals_in, next_step

    for path in journals_in(folder):
        say(f"Note: {path} is of a scan that was cut off, or still runs.")
        say(f"  {next_step(path)}")
    journal = Journal(folder, mask)
    try:
        yield journal
    except ArtefactError as error:
        journal.close()
        raise type(error)(error.message, f"{error.hint}\n  {journal.told()}") from None
    except ProbeError:
        journal.discard()  # the configuration was wrong: nothing was gathered
        raise
    except BaseException:
        if journal.path is not None:  # the reports are not written
            say(journal.told())
        raise
    finally:
        journal.close()
    if journal.problem:
        say(f"Warning: the journal could not be kept ({journal.problem}); the reports hold everything.")
