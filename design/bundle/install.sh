#!/bin/sh
# Install Watchfloor from this folder, without a network: ./install.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$HOME/watchfloor}

fits() { "$1" -c 'import sys; raise SystemExit("%d.%d" % sys.version_info[:2] != "@PYTHON@")' 2>/dev/null; }
stop() { echo "install: $1" >&2; exit 1; }

for python in "${WATCHFLOOR_PYTHON:-}" python@PYTHON@ python3 python ""; do
    [ -z "$python" ] || ! fits "$python" || break
done
[ -n "$python" ] || stop "this bundle is for Python @PYTHON@, which was not found. Install it, or set WATCHFLOOR_PYTHON."
(cd "$here" && sha256sum --check --quiet SHA256SUMS >&2) ||
    stop "a file of this bundle is missing or damaged (see above). Copy the bundle again."
set -- "$here"/wheels/pip-*.whl
"$python" -m venv --without-pip "$target" && "$python" "$1/pip" --python "$target/bin/python" install \
    --quiet --no-index --no-cache-dir --disable-pip-version-check \
    --find-links "$here/wheels" --require-hashes -r "$here/requirements.txt" ||
    stop "$target could not be filled; the reason stands above. Free the disk, or name another folder."
echo "installed: $target/bin/watchfloor"
