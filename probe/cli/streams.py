"""The three standard streams, where they are closed, full, or left by their reader.

Comes in: the process as it was started. Goes out: streams that can be used. Prints nothing.
"""

from __future__ import annotations

import os
import sys

import click

_STANDARD = (0, 1, 2)


def open_missing() -> None:
    """Open the null device in place of each standard stream that was closed at start.

    Otherwise the next file or socket gets its number, and the event loop ends the process over it.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            _null_at(number)
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def silence_stdout() -> None:
    """Send what is still to come on stdout nowhere, so that the interpreter's last flush is quiet."""
    _null_at(sys.stdout.fileno())


def tell(text: str, *, nl: bool = True) -> None:
    """Print on stderr. Nobody there to read it, or no room, changes nothing of what the command does."""
    try:
        click.echo(text, nl=nl, err=True)
    except OSError:
        _null_at(sys.stderr.fileno())


def met_in_printing(error: OSError) -> bool:
    """Return whether an error was met by click's `echo`, by which every line of ours is printed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code is click.echo.__code__


def _null_at(number: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened == number:
        os.set_inheritable(number, True)  # noqa: FBT003 - the system's signature
        return
    os.dup2(opened, number)
    os.close(opened)
