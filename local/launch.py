"""Become another program, after tying this process's life to its parent's.

Usage: launch.py PARENT_PID SIGNAL PROGRAM [ARGUMENT...]

The kernel sends SIGNAL when the parent ends, even by SIGKILL. A script of its own, because Python code
between fork and exec is not safe in a program with threads; and the last thing before the program itself,
because a change of credentials takes the tie away.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie, then execute."""
    parent, number, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it ended before the tie was made
        os.kill(os.getpid(), signal.SIGKILL)
    os.execvp(program[0], program)  # noqa: S606 - this is what the script is for


if __name__ == "__main__":
    main()
