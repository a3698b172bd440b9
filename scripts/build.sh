#!/usr/bin/env bash
# Builds the local cloud into the file named by the first argument. Checks what
# the build needs, and shows progress while the SQL analyzer compiles.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$1

missing() { printf 'Missing: %s\n  Get it with: %s\n' "$1" "$2" >&2; exit 1; }

# newer VERSION WANTED: VERSION is at least WANTED.
newer() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

command -v go >/dev/null || missing "Go 1.26 or newer" "https://go.dev/dl (or your system's package 'golang')"
have=$(GOTOOLCHAIN=local go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
newer "$have" 1.26 || missing "Go 1.26 or newer (this is $have)" "https://go.dev/dl"
# DuckDB comes as a C++ library that Go links.
command -v "$(go env CXX | awk '{print $1}')" >/dev/null || missing "a C++ compiler" "sudo apt-get install g++   (macOS: xcode-select --install)"

analyzer=github.com/goccy/go-googlesql
if [ "$(go list -f '{{.Stale}}' "$analyzer" 2>/dev/null)" != false ]; then
  cat >&2 <<'EOF'
First build: the GoogleSQL analyzer is large. On two cores it takes 5 to 10
minutes and about 7 GB of memory, once; later builds take seconds.
EOF
  start=$SECONDS
  go build "$analyzer" &
  pid=$!
  trap 'kill $pid 2>/dev/null || true' EXIT
  while kill -0 $pid 2>/dev/null; do
    if [ $(((SECONDS - start) % 15)) -eq 0 ]; then
      printf '  compiling the analyzer: %d s\n' $((SECONDS - start)) >&2
    fi
    sleep 1
  done
  wait $pid || {
    echo "The analyzer did not build. If the machine ran out of memory, close other programs or add swap, then run this again: what is done is kept." >&2
    exit 1
  }
  trap - EXIT
fi
mkdir -p "$(dirname "$out")"
# -w: no debug information; the link is faster and the binary half the size.
exec go build -ldflags=-w -o "$out" ./emulator
