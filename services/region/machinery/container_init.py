"""The first process of a container: it sees to it that nothing of the container outlives the supervisor.

Usage: container_init.py SUPERVISOR_PID FOLDER COMMAND

The kernel signals it when the supervisor ends, even by SIGKILL; then it kills its process group, which is the
container. Otherwise it ends with its command's exit code; after a SIGTERM, when every process of the
container has ended. A script of its own, as Python between fork and exec is not safe in a threaded program.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_SUPERVISOR_DIED = signal.SIGUSR1
# Other shells keep from their commands the variables that they have no syntax for, such as MY-VARIABLE.
_SHELL = "/bin/bash" if os.access("/bin/bash", os.X_OK) else "/bin/sh"

_stopping = False


def _stop(_number: int, _frame: object) -> None:
    global _stopping  # noqa: PLW0603 - a signal handler has nothing else to tell
    _stopping = True


def _kill_container(_number: int, _frame: object) -> None:
    os.killpg(0, signal.SIGKILL)


def main() -> int:
    """Run the command; return the code to end with."""
    supervisor, folder, command = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    # Handlers, because what is ignored here would be ignored by the command too.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(_SUPERVISOR_DIED, _kill_container)
    _tie(supervisor)
    _enter(folder)
    process = os.posix_spawn(
        _SHELL, [_SHELL, "-c", command], os.environ, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ]
    )
    return _wait(process)


def _tie(supervisor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_PDEATHSIG, _SUPERVISOR_DIED), (_PR_SET_CHILD_SUBREAPER, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({option})")
    if os.getppid() != supervisor:  # it ended before the tie was made
        os.killpg(0, signal.SIGKILL)


def _enter(folder: str) -> None:
    try:
        os.chdir(folder)
    except OSError as error:
        sys.exit(f"cannot enter the build's folder: {error.strerror}; deploy the app again")


def _wait(process: int) -> int:
    code = 0
    while True:
        try:
            ended, status = os.wait()
        except ChildProcessError:
            return code
        if ended == process:
            code = os.waitstatus_to_exitcode(status)
            if not _stopping:
                return code


if __name__ == "__main__":
    ended_with = main()
    sys.exit(ended_with if ended_with >= 0 else 128 - ended_with)
