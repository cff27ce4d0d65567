#!/bin/sh
# Makes the virtual environment: uv when it is there, else venv and pip. Usage: setup.sh PYTHON VENV
set -eu
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "secrets-lab needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Next: make setup PY=python3.11" >&2
  exit 2
}
if command -v uv >/dev/null 2>&1; then
  uv venv -q --allow-existing --python "$python" "$venv"
  VIRTUAL_ENV="$venv" uv pip install -q -c constraints.txt -e '.[dev]'
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
fi
