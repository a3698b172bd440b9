#!/usr/bin/env bash
# Shows that workspaces, the review board, the directory and the community keep
# their promises, on the real Firestore, Auth and Pub/Sub emulators and in a real
# Chromium. Then it measures reading and listing among 100,000 workspaces, and
# searching among 20,000 projects.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0
scripts/promises.sh workspaces || failed=1

echo "== What reading and listing cost"
go run ./scripts/bench/workspace || failed=1

echo "== What searching the directory costs"
go run ./scripts/bench/directory || failed=1

if [ "$failed" -ne 0 ]; then
  echo "Not every promise is kept." >&2
  exit 1
fi
echo "Every promise is kept."
