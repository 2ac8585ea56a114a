PYTHON := .venv/bin/python

.PHONY: remigrate
remigrate:
	rm -f */migrations/0*.py */migrations/max_migration.txt
	DEBUG=true $(PYTHON) manage.py makemigrations accounts casework questionnaires partnerships grants monitoring
