"""Runs `probe` as a process of its own, and ends it: for the tests of what keeps running."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager

from probe.catalog.load import load_catalog
from probe.simulator.tokens import demo_tokens

SECRET = demo_tokens(load_catalog())[0].secret.reveal()
PROBE = [sys.executable, "-m", "probe"]


@contextmanager
def process(*args, cwd=None, **environment):
    started = subprocess.Popen(
        [*PROBE, *args],
        cwd=cwd,
        env={**os.environ, "ADMIN_SECRET": SECRET, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.terminate()
        started.communicate(timeout=20)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def simulator(*args, port="0"):
    with process("simulate", "--port", port, *args) as started:
        yield started.stdout.readline().strip()
