#!/usr/bin/env bash
# need.sh chromium|libreoffice: succeeds when the program is there or could be installed; else says so in one line and fails.
set -euo pipefail

case "$1" in
  chromium) program=chromium package=chromium ;;
  libreoffice) program=soffice package=libreoffice-calc-nogui ;;
  *) echo "need.sh knows chromium and libreoffice, not “$1”." >&2 && exit 2 ;;
esac

if command -v "$program" >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing $package"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends "$package"; } >/dev/null || true
fi
command -v "$program" >/dev/null || { echo "$program is not here and could not be installed (Debian's package $package)." >&2 && exit 1; }
