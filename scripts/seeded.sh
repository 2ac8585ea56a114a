# Sourced: plays the demonstration once into a file that every worker of the browser tests copies; removed at the end.
seeded_folder="$(mktemp -d)"
trap 'rm -rf "$seeded_folder"' EXIT
export SEEDED_DATABASE="$seeded_folder/demo.sqlite3"
.venv/bin/python -m tests.browser.seeding "$SEEDED_DATABASE"
