#!/usr/bin/env bash
# Everything but the browser and what takes long: on SQLite, and the database's own tests on PostgreSQL too.
set -euo pipefail
cd "$(dirname "$0")/.."
quick="not deep and not browser"

# Tables come straight from the models here; test-deep migrates.
.venv/bin/python -m pytest -n 2 --nomigrations -m "$quick"
.venv/bin/python scripts/with_postgres.py .venv/bin/python -m pytest -n 2 --nomigrations -m "database and $quick"
