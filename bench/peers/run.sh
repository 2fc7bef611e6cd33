#!/usr/bin/env bash
# The work of symbridge bench here and in the peers, in turns, and a table of both: make bench-peers.
# PYTHON names an interpreter that has requirements.txt; without it, install.sh makes one. Arguments go to run.py.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [[ -z ${PYTHON:-} ]]; then
  PYTHON=$here/.venv/bin/python
  [[ -x $PYTHON ]] || { env -u PYTHON "$here/install.sh"; }
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$here/../.." && go build -o "$folder/symbridge" ./cmd/symbridge)
env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$PYTHON" "$here/run.py" --folder "$folder" "$@"
