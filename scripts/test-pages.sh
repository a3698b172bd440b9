#!/usr/bin/env bash
# Starts a local cloud of its own and walks through the web client's pages in a
# real Chromium: sign-up, profile, modules, second factors, sessions.
set -euo pipefail
cd "$(dirname "$0")/.."
state=${STATE:-.state}
log=$state/test-pages.txt
hub=$(mktemp -d)
"$state/bin/emulator" -free-ports -persons 100 -state "$hub/state" -ready-file "$hub/ready.json" >"$state/test-pages-hub.txt" 2>&1 &
pid=$!
# stop ends the hub whatever becomes of the script.
stop() {
  kill -INT "$pid" 2>/dev/null && wait "$pid" || true
  rm -rf "$hub"
}
trap stop EXIT

until [ -s "$hub/ready.json" ]; do
  kill -0 "$pid" 2>/dev/null || { cat "$state/test-pages-hub.txt"; exit 1; }
  sleep 0.2
done
# Passkeys take a name, no IP address.
port=$(sed -nE 's|.*"hub": *"http://127\.0\.0\.1:([0-9]+)".*|\1|p' "$hub/ready.json")
[ -n "$port" ] || { echo "The ready file names no address:"; cat "$hub/ready.json"; exit 1; }
test=TestTheWholeWayInARunningHub
HUB_URL=http://localhost:$port go test -count=1 -timeout 5m -v -run "^$test\$" ./functions/portal >"$log" 2>&1 || true
if grep -q -- "^--- PASS: $test " "$log"; then
  echo "kept    sign-up to sign-out everywhere, in the pages"
elif grep -q -- "^--- SKIP: $test " "$log" && [ -z "${CI:-}" ]; then
  echo "SKIPPED the pages of a running hub: $(grep -m1 'live_test.go\|chromium' "$log" | sed 's/^ *//')"
else
  echo "BROKEN  sign-up to sign-out everywhere, in the pages"
  tail -40 "$log"
  exit 1
fi
