#!/usr/bin/env bash
# Shows that accounts, sessions, second factors and access keep their promises,
# on real emulators (Firestore, Auth) and in a real Chromium. Then it measures
# what verifying costs and what guessing gets. FUZZTIME: see promises.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0
scripts/promises.sh accounts || failed=1

echo "== The account's pages, in Chromium, against a hub that runs"
scripts/test-pages.sh || failed=1

echo "== What verifying costs, and what guessing gets"
go run ./scripts/bench/auth || failed=1

if [ "$failed" -ne 0 ]; then
  echo "Not every promise is kept." >&2
  exit 1
fi
echo "Every promise is kept."
