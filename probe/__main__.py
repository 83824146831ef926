"""`python -m probe`."""

from probe.entry import run

if __name__ == "__main__":
    run()
