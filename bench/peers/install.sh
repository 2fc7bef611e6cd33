#!/usr/bin/env bash
# Installs the peers into bench/peers/.venv, which git ignores. PYTHON names the interpreter, 3.11 or later.
set -euo pipefail
cd "$(dirname "$0")"
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
