#!/bin/sh
# Sets up .venv-loaders: the libraries with which customers read and train on a release, to prove that they can.
# They are heavy and never part of Assay, so they live apart. PyTorch is asked for by itself: which build of it suits
# a machine is that machine's matter, so it stays outside the lock file.
set -eu
cd "$(dirname "$0")/.."

wanted=$({ pwd; cat requirements-loaders.lock tools/set_up_loaders.sh; } | cksum)
[ "$(cat .venv-loaders/set-up 2>/dev/null || true)" = "$wanted" ] && exit 0

printf 'Setting up .venv-loaders: PyTorch and %s packages; this takes a minute\n' "$(grep -c '^[^ #]' requirements-loaders.lock)"
.venv/bin/python -m venv --clear .venv-loaders
.venv-loaders/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
.venv/bin/uv pip install --quiet --python .venv-loaders/bin/python --no-deps --require-hashes -r requirements-loaders.lock
printf '%s\n' "$wanted" > .venv-loaders/set-up
