#!/bin/sh
# Sets up .venv: the packages of requirements.lock, each checked by its hash, and Assay itself from this checkout.
# Needs only Python 3.11 or later with venv and pip. Ends at once when nothing has changed since the last time.
set -eu
cd "$(dirname "$0")/.."

say() { if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

wanted=$({ pwd; cat requirements.lock pyproject.toml tools/set_up.sh; } | cksum)
if [ "$(cat .venv/set-up 2>/dev/null || true)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

found=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        found=$candidate
        break
    fi
done
[ -n "$found" ] || fail "Assay needs Python 3.11 or later; ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2> /dev/null ||
    echo not here). Install a newer one, or say where it is: make PYTHON=/path/to/python ${1:-demo}"
"$found" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$("$found" --version) cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"

say "Setting up (1 of 3): a virtual environment in .venv, with $("$found" --version)"
.venv/bin/python -c '' 2>/dev/null || "$found" -m venv --clear .venv

say "Setting up (2 of 3): uv, which installs the rest"
awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock > .venv/uv.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r .venv/uv.lock

say "Setting up (3 of 3): $(grep -c '^[^ #]' requirements.lock) packages, checked by hash; the first time takes a minute"
.venv/bin/uv pip install --python .venv/bin/python --only-binary :all: --require-hashes -r requirements.lock
.venv/bin/uv pip install --python .venv/bin/python --quiet --no-deps --no-build-isolation --editable .

printf '%s\n' "$wanted" > .venv/set-up
say "Set up. The command line is .venv/bin/assay"
