#!/bin/sh
# Make .venv, with what requirements/dev.txt locks and the project itself.
set -eu
cd "$(dirname "$0")/../.."
export HOME="${HOME:-$PWD/.venv}" # may be unset in a job; pip keeps its cache there

fail() {
    echo "setup: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

make_environment() {
    rm -rf .venv
    if python3 -c 'import ensurepip' 2>/dev/null; then
        python3 -m venv .venv
    elif python3 -m pip --version >/dev/null 2>&1; then
        python3 -m venv --without-pip .venv
        python3 -m pip --quiet --disable-pip-version-check --python .venv/bin/python install pip
    else
        return 1
    fi
}

install_venv() {
    echo "setup: installing Debian's python3-venv"
    as_root apt-get -qq update >/dev/null && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --no-install-recommends python3-venv >/dev/null
}

command -v python3 >/dev/null || fail "Python is missing: type 'apt-get install python3 python3-venv' as root."
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$(command -v python3) is $(python3 -V); storky needs 3.11 or newer, first on PATH."

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "setup: making .venv with $(python3 -V)"
    make_environment || { install_venv && make_environment; } ||
        fail "Python's venv module is missing: type 'apt-get install python3-venv' as root."
fi
echo "setup: installing the packages of requirements/dev.txt"
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check --no-input "$@"; }
pip install --require-hashes --requirement requirements/dev.txt
pip install --no-build-isolation --no-deps --editable .
