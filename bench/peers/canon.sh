#!/usr/bin/env bash
# Canonical forms and automorphism groups here, in Traces, nauty and bliss: make bench-canon. Arguments go to canon.py.
# The peers are Debian's packages nauty and bliss, which are installed where they are missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v dreadnaut bliss nauty-geng >/dev/null; then
  (apt-get update && apt-get install -y nauty bliss) >/dev/null
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$here/../.." && go build -o "$folder/symbridge" ./cmd/symbridge)
"${PYTHON:-python3}" "$here/canon.py" --folder "$folder" "$@"
