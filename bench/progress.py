"""One line on a terminal that says how far a measurement is; nothing where nobody looks."""

import sys

WIDTH = 110


def show(text):
    if sys.stderr.isatty():
        print(f"\r{text:{WIDTH}}", end="", file=sys.stderr, flush=True)


def clear():
    if sys.stderr.isatty():
        print("\r" + " " * WIDTH + "\r", end="", file=sys.stderr, flush=True)
