#!/bin/sh
# setup.sh GROUP...: sees to it that the packages listed in tools/packages/GROUP are installed.
# Says in one line what is missing and installs it where it may; otherwise prints the command that
# would, and fails. The makefile remembers success in a stamp, so this runs once for each list.
set -eu

lists=$(dirname "$0")/packages
wanted=
for group in "$@"; do
  wanted="$wanted $(sed 's/#.*//' "$lists/$group" | tr '\n' ' ')"
done

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "setup: this is not Debian or Ubuntu, so please see to it that you have (Debian's names):"
  echo "   $wanted"
  echo "setup: then WEFT_SETUP=skip make ... goes on without this check"
  exit 1
fi

missing=
for package in $wanted; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "setup: missing packages:$missing"
if [ "$(id -u)" = 0 ]; then
  root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  root="sudo -n"
else
  echo "setup: please run: sudo apt-get update && sudo apt-get install --no-install-recommends$missing"
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { $root apt-get -o DPkg::Lock::Timeout=600 update && $root apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $missing; } \
    >"$log" 2>&1 </dev/null; then
  tail -n 20 "$log"
  echo "setup: apt-get could not install them"
  exit 1
fi
