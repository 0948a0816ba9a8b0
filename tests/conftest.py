"""For all tests: Ctrl-C is something that a program here can receive, also where the tests run behind a shell's ``&``."""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
