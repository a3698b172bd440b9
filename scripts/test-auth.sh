#!/usr/bin/env bash
# Shows that accounts, sessions, second factors and access keep their promises,
# on real emulators (Firestore, Auth) and in a real Chromium: each test of the
# table stands for one promise. One that is missing or fails, or with CI set is
# skipped, fails the whole. Then it measures what verifying costs and what
# guessing gets.
#
# FUZZTIME=30s also looks for new inputs, that long for each fuzz test.
set -euo pipefail
cd "$(dirname "$0")/.."

# package | test | promise
promises='
./functions/auth | TestTheLifeOfAnAccount | sign-up, modules, factors, tiers, expiry, renewal, passkey in Chromium, recovery, sign-out, disabled
./functions/auth | TestForgedTokensAreRefused | expired tokens, those of other projects and sessions, and levels that nobody proved, are refused
./shared/session | TestTokens | wrong, expired, foreign and unsigned tokens are refused, by real signatures
./shared/session | TestAnOversizedToken | an oversized token is refused unread
./shared/session | TestNothingComesBackAndNothingIsLost | no ended session comes back, whatever happens in between
./shared/session | TestIdleLimits | sessions end after 6 hours unused, with the controlled tier after 12
./shared/session | TestWithoutTheStoreNobodyComesIn | what cannot be checked lets nobody in
./emulator/authorization | TestEveryDoor | role x tier x assurance x route, every route of every function, against a table written by hand
./emulator/authorization | TestEveryFunctionIsHere | no function is left out of it
./emulator/authorization | TestTheTableHasNoLineTooMany | no line of it without a route
./emulator/authorization | TestRawRoutesArePublic | what is served outside the operations needs no session
./emulator/authorization | TestTokensThatOpenNothing | a wrong token opens no route of any function
./shared/api | TestRoutesThatCannotBeGuardedAreNotRegistered | a route without a rule does not start
./shared/api | TestTheRuleIsAskedBeforeTheBodyIsRead | the rule is asked before the body is read
./functions/auth | TestEveryRouteKeepsItsLevel | a level 1 token on every protected route
./functions/auth | TestAStepIsAcceptedOnceByTwoInstances | a TOTP step counts once, at two instances at once
./functions/auth | TestTheWindowIsOneStepEachWay | clocks may be one step off, by the rule
./functions/auth | TestOneStepOfSkewAtTheDoor | clocks may be one step off, at the door
./functions/auth | TestAnAnswerCountsOnceAtTwoInstances | a WebAuthn assertion counts once, at two instances at once
./functions/auth | TestAChallengeIsForOneSessionOnePurposeAndFiveMinutes | a challenge serves one session and one purpose
./functions/auth | TestACounterThatGoesBackIsRefusedAndTold | a cloned passkey is refused and told
./functions/auth | TestARecoveryCodeIsAcceptedOnceByTwoInstances | a recovery code counts once, at two instances at once
./functions/auth | TestWrongCodesAreCountedAcrossInstances | five wrong codes lock for 15 minutes, across instances
./functions/auth | TestWrongRecoveryCodesLockWithWrongCodes | codes of both kinds count together
./functions/auth | TestWrongCodesInAFloodLockAtFive | a flood of wrong codes locks at five
./functions/auth | TestAStaleSessionChangesNothing | removing a factor takes a second factor of the last five minutes
./functions/auth | TestWhatAFactorRaisedEndsWithIt | a removed factor takes the sessions with it that it raised
./functions/auth | TestARaiseDoesNotOutliveTheSignOut | a session raised during a sign-out is out
./functions/auth | TestARequestOfAnEndedSessionDoesNothing | what an ended session had on its way changes nothing
./functions/auth | TestAResetEndsSessionsWithoutTheRemoteCall | a reset of factors ends sessions at once, whatever Firebase hears
./functions/auth | TestDisableAndEnable | disabling ends sessions at once
./functions/auth | TestSecretsAreNowhereInTheStore | secrets are sealed at rest
./shared/seal | TestWhatIsSealedOpensForItsPlaceOnly | what is sealed opens for its place, after a rotation of keys as well
./functions/auth | TestSigningUpSaysTheSameToEverybody | signing up tells nobody who has an account
./functions/auth | TestSigningUpTakesTheSameTime | neither does its time
./functions/auth | TestLookAlikesMatchNoInstitution | look-alike addresses match no institution
./shared/access | TestInstitutionLookAlikes | nor do they by the rule
./shared/access | TestEvaluateProperties | tiers follow from facts and clock alone, by properties
./shared/access | TestATierFallsWhenItsFirstModuleExpires | a tier falls the moment its first module expires
./functions/auth | TestNobodyRaisesThemselves | no payload raises its sender
./functions/auth | TestMassAssignmentChangesNothing | no profile carries a role or a tier
./emulator/authorization | TestNobodyRaisesThemselvesByAField | no body of any function takes what would raise its sender
./emulator/authorization | TestBodiesOverTheBoundAreRefused | oversized bodies are refused
./emulator/authorization | FuzzBodies | malformed bodies are refused, and break nothing
./functions/auth | FuzzCredentials | malformed credentials are refused
./functions/auth | FuzzSignatureHeader | malformed signatures are refused
./functions/auth | FuzzTrainingBody | malformed training reports are refused
./functions/auth | FuzzParseRecoveryCode | malformed recovery codes are refused
./functions/auth | TestTrainingSignatures | an unsigned, late or altered training report is refused
./functions/auth | TestTrainingReplays | a training report has one effect
./functions/auth | TestEveryChangeIsInTheAuditLog | every change of an account is in the audit log
./functions/auth | TestWhoReadsTheAuditLog | security admins read the audit log, people their own part of it
./shared/audit | TestNothingChangesAnEntry | the audit log is append-only
'

state=${STATE:-.state}
mkdir -p "$state"
# column prints one column of the lines that stand for a package.
column() { awk -F' *[|] *' -v p="$2" -v n="$1" '$1 == p { print $n }' <<<"$promises"; }

failed=0
for package in $(awk -F' *[|] *' 'NF == 3 { print $1 }' <<<"$promises" | sort -u); do
  log=$state/test-auth-$(tr -c 'a-z\n' '-' <<<"$package").txt
  echo "== $package"
  status=0
  go test -count=1 -timeout 20m -v -run "^($(column 2 "$package" | paste -sd'|'))\$" "$package" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || failed=1
  while IFS='|' read -r name promise; do
    verdict=kept
    grep -q -- "^--- PASS: $name " "$log" || verdict=BROKEN
    # A step of it that is skipped shows nothing either.
    if grep -qE -- "^ *--- SKIP: $name[/ ]" "$log"; then verdict=skipped; fi
    [ "$verdict" != BROKEN ] || failed=1
    [ "$verdict" != skipped ] || [ -z "${CI:-}" ] || failed=1
    printf '%-8s%s\n%10s%s\n' "$verdict" "$promise" '' "$name"
  done < <(paste -d'|' <(column 2 "$package") <(column 3 "$package"))
  if [ "$status" -ne 0 ]; then
    grep -E -A12 '^ *--- FAIL|^panic:|^# |_test.go:[0-9]+:' "$log" | head -60 || true
    echo "The whole is in $log"
  fi
done

if [ -n "${FUZZTIME:-}" ]; then
  for package in $(awk -F' *[|] *' 'NF == 3 { print $1 }' <<<"$promises" | sort -u); do
    for name in $(column 2 "$package" | grep '^Fuzz' || true); do
      echo "== $name for $FUZZTIME"
      go test -run '^$' -fuzz "^$name\$" -fuzztime "$FUZZTIME" "$package" || failed=1
    done
  done
fi

echo "== The account's pages, in Chromium, against a hub that runs"
scripts/test-pages.sh || failed=1

echo "== What verifying costs, and what guessing gets"
go run ./scripts/bench/auth || failed=1

if [ "$failed" -ne 0 ]; then
  echo "Not every promise is kept." >&2
  exit 1
fi
echo "Every promise is kept."
