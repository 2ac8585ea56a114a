#!/usr/bin/env bash
# The whole suite on PostgreSQL, with the long property tests, LibreOffice and axe on every page.
set -euo pipefail
cd "$(dirname "$0")/.."
chosen=""
left_out=""

if bash scripts/need.sh chromium; then
  source scripts/seeded.sh
else
  chosen="not journey and not browser"
  left_out="the browser's tests (Debian's chromium)"
fi
if ! bash scripts/need.sh libreoffice; then
  chosen="${chosen:+$chosen and }not libreoffice"
  left_out="${left_out:+$left_out and }the workbooks opened in LibreOffice (Debian's libreoffice-calc-nogui)"
fi
if [ -n "$left_out" ] && [ -n "${REQUIRE_ALL:-}" ]; then exit 1; fi

.venv/bin/python scripts/with_postgres.py .venv/bin/python -m pytest -n 2 -m "$chosen"
if [ -n "$left_out" ]; then echo "Left out: $left_out."; fi
