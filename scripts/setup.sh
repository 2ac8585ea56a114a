#!/usr/bin/env bash
# Makes this checkout ready: .venv, style sheets and a developer's .env. Each part is left alone while what it is made from is unchanged.
set -euo pipefail
cd "$(dirname "$0")/.."

fingerprint() { cat "$@" | sha256sum | cut -d' ' -f1; }

stop() {
  echo "$1" >&2
  exit 1
}

find_python() {
  local name
  for name in python3.11 python3.12 python3.13 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
      command -v "$name"
      return
    fi
  done
  return 1
}

install_python_packages() {
  local wanted python
  wanted=$(fingerprint requirements/dev.txt requirements/base.txt)
  if [ "$(cat .venv/installed 2>/dev/null)" = "$wanted" ]; then return; fi
  python=$(find_python) || stop "Python 3.11 or later is needed. Install it and run this again."
  echo "Installing Python packages into .venv"
  [ -x .venv/bin/pip ] || "$python" -m venv .venv || stop "“$python -m venv” failed. On Debian, install python3-venv and run this again."
  # The files carry a hash for every package, so pip refuses anything else than what was compiled.
  .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements/dev.txt
  echo "$wanted" >.venv/installed
}

install_node_packages() {
  local wanted
  wanted=$(fingerprint package-lock.json)
  if [ "$(cat node_modules/installed 2>/dev/null)" = "$wanted" ]; then return; fi
  command -v npm >/dev/null || stop "Node.js with npm is needed for the style sheets. Install it and run this again."
  echo "Installing Node packages into node_modules"
  npm ci --omit=optional --no-fund --no-audit --loglevel=error >/dev/null
  echo "$wanted" >node_modules/installed
}

build_styles() {
  local wanted stamp=build/styles-built
  wanted=$(fingerprint package-lock.json $(find casework/styles -type f | sort))
  if [ -d build/assets ] && [ "$(cat $stamp 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "Building style sheets"
  npm run --silent build
  echo "$wanted" >$stamp
}

write_environment() {
  if [ -f .env ]; then return; fi
  echo "Writing .env with new keys for this machine"
  (
    umask 077
    .venv/bin/python - >.env <<'PY'
import secrets

print("# This developer's settings, never committed. AUDIT_KEY seals the audit chain: a new key cannot verify an old database.")
print("DEBUG=true")
print(f"SECRET_KEY={secrets.token_urlsafe(50)}")
print(f"AUDIT_KEY={secrets.token_urlsafe(32)}")
PY
  )
}

install_python_packages
install_node_packages
build_styles
write_environment
