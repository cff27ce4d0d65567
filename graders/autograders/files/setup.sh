#!/usr/bin/env bash
# Run once, as root, when the image is built: Python 3.11 or newer, Secrets Lab in an environment of its own, and one grading to try
# it out, which fetches the AWS provider too. What is missing shows here, and not to a student.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/settings.sh"

has() { python3 -c "$1" 2>/dev/null; }
if ! has 'import ensurepip, venv' || [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
fi
mkdir -p "$SECRETS_LAB_HOME" "$LAB_CACHE_DIR" "$LAB_STATE_DIR"
if has 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  python3 -m venv --clear "$SECRETS_LAB_HOME/venv"
else
  # Ubuntu 22.04 has Python 3.10. uv brings a newer one, here where the sandbox's user can read it, too.
  python3 -m venv --clear "$SECRETS_LAB_HOME/uv"
  "$SECRETS_LAB_HOME/uv/bin/python" -m pip install -q --disable-pip-version-check 'uv>=0.5'
  UV_PYTHON_INSTALL_DIR="$SECRETS_LAB_HOME/python" \
    "$SECRETS_LAB_HOME/uv/bin/uv" venv -q --clear --seed --python 3.12 "$SECRETS_LAB_HOME/venv"
fi
# The wheel is named by where it lies.
cd "$here"
"$SECRETS_LAB_HOME/venv/bin/python" -m pip install -q --disable-pip-version-check -r requirements.txt

sample=$(mktemp -d)
trap 'rm -rf "$sample"' EXIT
"$SECRETS_LAB_PROGRAM" reset --yes --dir "$sample"
"$SECRETS_LAB_PROGRAM" grade "$sample" --as starter --depth "$DEPTH" --no-cache \
  ${POLICY:+--policy "$here/$POLICY"} --json "$sample/results.json"
