"""The three standard streams, where they are closed, full, or left by their reader.

Comes in: the process as it was started. Goes out: streams that can be used. Prints nothing.
"""

from __future__ import annotations

import io
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


class _Forgiving(io.TextIOWrapper):
    """A text stream on stderr that drops what cannot be written: remarks are no reason to stop.

    `before` is the stream that it took the place of, which would close the buffer when it is let go.
    """

    before: io.TextIOWrapper

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            _null_at(2)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            _null_at(2)


def forgive_stderr() -> None:
    """Let a stderr that cannot be written (a full disk, a reader gone) change nothing else."""
    before = sys.stderr
    if isinstance(before, io.TextIOWrapper):
        forgiving = _Forgiving(
            before.buffer, encoding=before.encoding, errors="backslashreplace", line_buffering=True
        )
        forgiving.before = before
        sys.stderr = forgiving


def silence_stdout() -> None:
    """Send what is still to come on stdout nowhere, so that the interpreter's last flush is quiet."""
    _null_at(sys.stdout.fileno())


def tell(text: str, *, nl: bool = True) -> None:
    """Print on stderr."""
    click.echo(text, nl=nl, err=True)


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
