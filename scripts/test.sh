#!/usr/bin/env bash
# Everything but the browser on SQLite, the database's own tests on PostgreSQL too, the journeys in Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
quick="not deep and not browser and not journey"

# Tables come straight from the models here; test-deep migrates, and so do the journeys.
.venv/bin/python -m pytest -n 2 --nomigrations -m "$quick"
.venv/bin/python scripts/with_postgres.py .venv/bin/python -m pytest -n 2 -m "database and $quick"
if bash scripts/need.sh chromium; then
  source scripts/seeded.sh
  .venv/bin/python -m pytest -n 2 --dist worksteal -m "journey and not deep"
elif [ -n "${REQUIRE_ALL:-}" ]; then
  exit 1
else
  echo "Left out: the journeys in the browser (tests marked journey), because they need Debian's chromium."
fi
