# One command for each thing; `make` alone lists them. DATABASE_URL chooses the database everywhere.
PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
# A deployed service's environment, for the checks that look at it.
PRODUCTION := env DEBUG=false SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))") AUDIT_KEY=check-only \
	ALLOWED_HOSTS=grants.example.org BASE_URL=https://grants.example.org BEHIND_HTTPS=true DATABASE_URL=sqlite://:memory:

.PHONY: help setup run test test-deep check format bench screenshots
.DEFAULT_GOAL := help

help:
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{ printf "make %-12s %s\n", $$1, $$2 }'

setup: ## .venv, style sheets and a developer's .env; nothing to do the second time
	@bash scripts/setup.sh

run: setup ## the service with demonstration data at http://127.0.0.1:8000 (PORT changes it); Ctrl-C ends it
	@exec $(PYTHON) scripts/run.py

test: setup ## SQLite, then the database's own tests on PostgreSQL
	@bash scripts/test.sh

test-deep: setup ## the whole suite on PostgreSQL, long property tests, LibreOffice, the browser with axe on every page
	@bash scripts/test_deep.sh

check: setup ## format, lint, types, imports, templates, migrations, production settings, pins
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy .
	.venv/bin/lint-imports --no-cache
	.venv/bin/djlint templates --lint --quiet
	DATABASE_URL=sqlite://:memory: $(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(PYTHON) scripts/architecture.py --check
	$(PYTHON) scripts/check_pins.py

format: setup ## put code into the house's form
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: setup ## a hundred times a real office, then 200 people in the last minutes of a round; writes build/bench.jsonl
	$(PYTHON) benchmarks/run.py
	$(PYTHON) benchmarks/surge.py

screenshots: setup ## the main pages by role, desktop and phone, into build/screenshots
	@bash scripts/need.sh chromium && $(PYTHON) scripts/screenshots.py

