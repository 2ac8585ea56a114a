#!/usr/bin/env bash
# The whole suite on PostgreSQL with the long property tests and LibreOffice; then the browser: one grant's whole way, with JavaScript and
# without, slips, the keyboard alone, and axe on every page.
set -euo pipefail
cd "$(dirname "$0")/.."
chosen="not browser"
left_out=""

if ! bash scripts/need.sh libreoffice; then
  chosen="$chosen and not libreoffice"
  left_out="the workbooks opened in LibreOffice (Debian's libreoffice-calc-nogui)"
fi
browser=yes
if ! bash scripts/need.sh chromium; then
  browser=""
  left_out="${left_out:+$left_out and }the browser's tests (Debian's chromium)"
fi
if [ -n "$left_out" ] && [ -n "${REQUIRE_ALL:-}" ]; then exit 1; fi

.venv/bin/python scripts/with_postgres.py .venv/bin/python -m pytest -n 2 -m "$chosen"
if [ -n "$browser" ]; then
  # In a run of its own: Playwright's event loop goes on between tests, and Django opens no database beside one.
  source scripts/seeded.sh
  .venv/bin/python -m pytest -n 2 --dist worksteal -m browser
fi
if [ -n "$left_out" ]; then echo "Left out: $left_out."; fi
