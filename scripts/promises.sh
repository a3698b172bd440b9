#!/usr/bin/env bash
# Runs the tests that stand for the promises of a table in scripts/promises, on
# real emulators, and says of each promise whether it is kept:
#
#   scripts/promises.sh accounts
#
# A line of a table is: package | tests, separated by blanks | promise. A test
# that is not there any more, or fails, breaks its promise; one that was skipped
# shows nothing and, with CI set, fails the whole.
#
# FUZZTIME=30s also looks for new inputs, that long for each fuzz test.
set -euo pipefail
cd "$(dirname "$0")/.."
table=scripts/promises/$1.txt
state=${STATE:-.state}/promises
mkdir -p "$state"

# lines gives the table without comments, its columns separated by | alone.
lines() { sed -E '/^ *(#|$)/d; s/ *[|] */|/g' "$table"; }
# logs names the file of a package's run.
log() { echo "$state/$1$(tr -c 'a-z\n' '-' <<<"$2").txt"; }

if lines | awk -F'|' 'NF != 3 || $2 == "" { print "not a promise: " $0; wrong = 1 } END { exit !wrong }'; then
  exit 1
fi

failed=0
for package in $(lines | cut -d'|' -f1 | sort -u); do
  file=$(log "$1" "$package")
  echo "== $package"
  names=$(lines | awk -F'|' -v p="$package" '$1 == p { print $2 }' | tr ' ' '\n' | sort -u | paste -sd'|')
  status=0
  go test -count=1 -timeout 20m -v -run "^($names)\$" "$package" >"$file" 2>&1 || status=$?
  [ "$status" -eq 0 ] || failed=1
  while IFS='|' read -r _ tests promise; do
    verdict=kept
    for name in $tests; do
      if ! grep -q -- "^--- \(PASS\|SKIP\): $name " "$file"; then
        verdict=BROKEN
        grep -q -- "^--- FAIL: $name " "$file" || echo "There is no $name, or it did not run."
      elif [ "$verdict" = kept ] && grep -qE -- "^ *--- SKIP: $name[/ ]" "$file"; then
        # A step of it that is skipped shows nothing either.
        verdict=skipped
      fi
    done
    [ "$verdict" != BROKEN ] || failed=1
    [ "$verdict" != skipped ] || [ -z "${CI:-}" ] || failed=1
    printf '%-8s%s\n' "$verdict" "$promise"
    [ -z "${VERBOSE:-}" ] || printf '%10s%s\n' '' "$tests"
  done < <(lines | awk -F'|' -v p="$package" '$1 == p')
  if [ "$status" -ne 0 ]; then
    grep -E -A12 '^ *--- FAIL|^panic:|^# |_test.go:[0-9]+:' "$file" | grep -v '"severity"' | head -60 || true
    echo "The whole is in $file"
  fi
  grep -A1 -E '^ *--- SKIP' "$file" | grep -E '_test.go:[0-9]+:' | sed 's/^ */skipped: /' | sort -u || true
done

if [ -n "${FUZZTIME:-}" ]; then
  while IFS='|' read -r package tests _; do
    for name in $tests; do
      case $name in Fuzz*)
        echo "== $name for $FUZZTIME"
        go test -run '^$' -fuzz "^$name\$" -fuzztime "$FUZZTIME" "$package" || failed=1
        ;;
      esac
    done
  done < <(lines)
fi
exit "$failed"
