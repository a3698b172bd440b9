#!/usr/bin/env bash
# Runs every test: unit and contract tests by package, then a researcher's
# journey through a local cloud, on synthetic data and, where it is there, on
# real data. Skips are counted and explained at the end; with CI set, a test
# that cannot have its emulator fails.
set -euo pipefail
cd "$(dirname "$0")/.."
state=${STATE:-.state}
mkdir -p "$state"

echo "== Go tests (the house's rules are always read afresh)"
# Four packages at once: most tests wait for an emulator, and linking a binary
# with the analyzer takes about 1 GB.
go tool gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg --jsonfile "$state/test.json" \
  -- -timeout 15m -p "${TEST_PARALLEL:-4}" ./...
go test -count=1 ./shared/house

go build -o "$state/bin/journey" ./scripts/journey
echo "== Journey on synthetic data"
"$state/bin/journey" -emulator "$state/bin/emulator"
echo "== The pages of a running hub, in Chromium"
scripts/test-pages.sh
data=${HUB_TESTDATA:-../shared}
if [ -d "$data/omop/gibleed" ]; then
  echo "== Journey on real OMOP data"
  "$state/bin/journey" -emulator "$state/bin/emulator" -cdm "$data/omop/gibleed"
else
  echo "SKIPPED journey on real OMOP data: there is no folder $data/omop/gibleed (HUB_TESTDATA names another place)."
fi
