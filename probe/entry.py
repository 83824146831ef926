"""Where the process begins: an interrupt ends it quietly, even while the rest is still being imported.

Comes in: the command line. Goes out: an exit code. Imports nothing before the guard stands.
"""

from __future__ import annotations

_INTERRUPTED = 130  # ExitCode.INTERRUPTED, which is not imported yet


def run() -> None:
    """Run the command line and exit with its code. SIGTERM ends it as Ctrl-C does."""
    try:
        import gc
        import signal

        gc.set_threshold(20_000, 20, 20)  # evidence is many small records without cycles: look seldom
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        from probe.cli.main import run as run_command_line

        run_command_line()
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
