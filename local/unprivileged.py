"""Run a program that refuses to be root as somebody else, who still reaches our files.

Nobody's permissions are changed for it: a home or a temporary folder that only root may enter stays so.
"""

import os
import pwd
import subprocess
from functools import cache
from pathlib import Path

_SOMEBODY = 65534  # nobody: the one user that every machine has
_NAMESPACE = ("unshare", "--user", f"--map-user={_SOMEBODY}", f"--map-group={_SOMEBODY}")
# One capability of root's, to enter closed directories. It is effective from the first program on that
# setpriv starts, hence env. access(2), by which initdb finds its neighbours, heeds it because of the bit.
_CAPABILITY = (
    *("setpriv", f"--reuid={_SOMEBODY}", f"--regid={_SOMEBODY}", "--clear-groups"),
    "--securebits=+no_setuid_fixup",
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
    "env",
)


def wrapper() -> tuple[str, ...]:
    """Return what to put before the command: nothing, unless we are root, or a user without a name."""
    user = os.geteuid()
    if user == 0:
        return _NAMESPACE if _namespaces_allowed() else _CAPABILITY
    return () if _has_name(user) else _NAMESPACE


def make_directory(path: Path) -> None:
    """Make a directory that belongs to whom the wrapper's program will be."""
    path.mkdir(mode=0o700)
    if wrapper() == _CAPABILITY:  # in a namespace somebody is root under another name
        os.chown(path, _SOMEBODY, _SOMEBODY)


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


@cache
def _namespaces_allowed() -> bool:
    """Tell whether we may make a user namespace; Docker's default profile does not let root."""
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
