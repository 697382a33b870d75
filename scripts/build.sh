#!/usr/bin/env bash
# Configures (only when needed or when options are given) and builds TARGET in build/. Says nothing when nothing changed.
#
#   scripts/build.sh TARGET [cmake option…]
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT

wanted="$*"
if [[ ! -e build/build.ninja || ( -n $wanted && $wanted != "$(cat build/.configured 2>/dev/null)" ) ]]; then
  echo "Configuring …" >&2
  if ! cmake --preset release "$@" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
  fi
  if [[ -n $wanted ]]; then echo "$wanted" >build/.configured; fi
fi
if ninja -C build -n "$target" 2>/dev/null | grep -q 'no work to do'; then exit 0; fi
ninja -C build "$target" >&2
