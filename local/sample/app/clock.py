# ruff: noqa: INP001 - an app of its own, not a part of a package
"""A process that is not reached from outside: it says the time every five seconds."""

import time

while True:
    print(time.strftime("it is %H:%M:%S"), flush=True)  # noqa: T201
    time.sleep(5)
