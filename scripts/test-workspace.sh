#!/usr/bin/env bash
# Runs the tests that prove what workspaces promise, each promise by the names of
# its tests, against the real Firestore and Auth emulators. A test that is not
# there any more fails the run; one that was skipped is told with its reason and,
# with CI set, fails it too.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# promises lists, a line each: the promise, its package, its tests.
promises() {
  cat <<'LIST'
Two writers of one workspace: no lost update, the loser hears 412|./functions/workspace|TestTwoWritersOfEachKind TestTwoWritersOfOneWorkspace TestTwoWritersOfOneNote TestTheSameNameAtOnce
Counts of what is in a workspace are right under concurrency|./functions/workspace|TestCountsAreRightUnderConcurrency TestResources
Web clients have no way to any document|./functions/workspace|TestWebClientsHaveNoWayToAnyDocument
Members: added by address, bounded, with roles; the last owner stays|./functions/workspace|TestShareByAddress TestWhoCannotBeMadeAMember TestMembersAreBounded TestLeaveAndRemove
Ownership is transferred with its costs and its name|./functions/workspace|TestTransfer
Archived, deleted for 30 days, restored; a pause outlasts both|./functions/workspace|TestArchiveAndRestore TestDeleteAndRestore TestGraceEnds TestAPauseOutlastsDeletion
Lists: the last changed first, filtered, paged|./functions/workspace|TestListFilters TestAChangeMovesAWorkspaceToTheTop TestPagesOfOneMoment TestListIsPagedNewestFirst
Notes: for members only, each with its etag|./functions/workspace|TestNotes TestWhoReadsAndWritesNotes TestNotesArePaged
Every field and rule of the research purpose, with its words|./functions/workspace|TestPurpose TestPurposeByTheProgrammesRules TestPurposeIsKeptAsSent TestPurposeForm
Names are unique per owner; tier and release are fixed|./functions/workspace|TestNames TestNamesAreUniquePerOwner TestWhatCannotBeCreated TestChange TestCreateAndRead
Policies by version: acknowledged, and what changed when one moves|./functions/workspace|TestAPolicyMoves
Policies by version: what each has changed|./shared/policy|TestSince TestEveryPolicyIsWholeAndVersionsAreUnique
Who may do what: role, state, action, tier|./shared/access|TestMay TestRefusalsSayWhatHelps TestKeyed
Who may do what: through the routes|./functions/workspace|TestWhoMayDoWhat
The public rendering of a purpose|./shared/project|TestRender TestEveryChoiceHasItsOwnCodeAndLabel
Deleted workspaces are purged when their time of grace is over|./functions/reminders|TestPurgeWhenGraceIsOver TestPurgeGoesOnAfterADeath TestTwoInstancesPurgeAtOnce
Business days over weekends, holidays and time zones|./shared/review|TestDue TestDueGrows TestACalendarThatCannotBeIsNamed
The review board: states, decisions, and what a pause gives back|./shared/review|TestStatesAndActs TestResume TestHistoryIsBounded TestPauseAndLift
The review board: roles, states and decisions through the routes|./functions/workspace|TestRolesStatesAndDecisions TestTheWayOfAReview TestQueue
A purpose opens one review|./functions/workspace|TestAPurposeOpensOneReview TestWhatAsksForAReview
Two members of the board decide at once: the loser hears 412|./functions/workspace|TestTwoMembersOfTheBoardDecideAtOnce
A decision on a workspace archived, deleted or gone meanwhile|./functions/workspace|TestDecidingOnAWorkspaceThatHasGoneOn
A paused workspace can be read, not run or changed|./functions/workspace|TestAPausedWorkspaceIsReadOnly
A pause by the board closes every room at once, and its end opens them|./emulator/authorization|TestAPauseClosesEveryRoom
Owners never learn who asked for a review|./functions/workspace|TestAnOwnerIsNotToldWhoAsked
Requests from the directory: confirmed by mail, once, by whatever instance|./functions/directory|TestARequestIsKeptUntilItIsConfirmed TestConfirmation TestConfirmationAtOnce TestConfirmationOfAHiddenProject
A thousand requests from the directory are bounded|./functions/directory|TestAThousandRequestsAreBounded
Requesters and tokens are in no log and no public answer|./functions/directory|TestRequestersAndTokensStayHidden
The mailed link confirms by a button's press, not by being opened|./functions/portal|TestReviewRequestsInChromium
Tokens of requests: every mailed one works, none is shown, all expire|./shared/review|TestTokens TestATokenIsNotShown TestARequestExpires
The link of a request is mailed and in no record|./functions/notify|TestARequestsLinkIsMailedOnce TestARequestsMailThatDidNotGoComesAgain TestARequestThatNeedsNoMailGetsNone
Reviews due and overdue are told once|./functions/reminders|TestReviewsDueAreToldOnce TestTwoInstancesTellOfAReviewOnce TestABadMarkKeepsNoneWaiting
Limits on strangers hold over instances and crowds|./shared/limit|TestALimitHoldsOverInstances TestALimitHoldsAtOnce TestALimitHoldsInACrowd TestACounterTellsNothing
A release is published whole or not at all, wherever its load is killed|./scripts/cdr/loader|TestKilledAnywhere TestStoppedLoadLeavesNothing TestBrokenDataLeavesEverythingAsItWas TestPublishLooksUpALostAnswer
A killed load is replaced at once by the next|./scripts/cdr|TestKilledProcessIsReplacedAtOnce
A published release stays as it is; a replaced one stays readable for a while|./scripts/cdr/loader|TestLoadAgainIsNoWorkAndOtherDataIsRefused TestReplacedReleaseStaysReadableForAWhile
Two loads of a release: one waits or is refused|./scripts/cdr/loader|TestTwoLoadsAtOnce TestLoadThatGaveNoSignOfLifeIsTakenOver TestRecords TestHoldOfAProcessThatEndedIsFree
A CDM is loaded from a folder, a BigQuery dataset, and GiBleed's known figures are found again|./scripts/cdr/loader|TestLoadMakesBothTiersAndPublishes TestLoadFromADataset TestDatasetThatChangesWhileItIsRead TestGiBleed
Bad input is named by file, row and column|./scripts/cdr/loader|TestStreamNamesThePlace TestFoldersThatAreRefused TestDatasetsThatAreRefused
What the checks of a release find, and what stops it|./scripts/cdr/loader|TestEveryKindOfFaultIsFound TestErrorsAreNotPublishedUnlessAccepted TestEmptyNeededTablesAreFaults
What the registered tier lacks is decided for every column|./shared/omop|TestEveryColumnIsDecided TestRegisteredTierLacksWhatSinglesOut
The directory's search forgives, ranks and shows what matched|./functions/directory|TestSearchForgives TestRanking TestHighlights TestWords TestStem TestParse
Facets: each one's counts without its own selection|./functions/directory|TestFacetCounts TestFacetsAreBounded
The directory's index: fresh on every instance, checked, rebuilt, bounded|./functions/directory|TestEveryInstanceHearsOfEveryChange TestABurstOfChanges TestTheIndexChecksAndRebuildsItself TestTheIndexIsBounded TestWhileTheStoreIsAway TestSlotsAreGivenUp
Pages of the directory while projects change, over instances|./functions/directory|TestPagesWhileProjectsChange TestAnotherWayOfFindingStopsThePages TestCursors
Nothing private in any public answer, nor in the public record|./functions/directory|TestNoSecretIsInAnyPublicAnswer TestTheRecordHoldsNothingPrivate TestSecretsReachEveryField TestNothingPrivateIsShown
The public list of what is published|./functions/directory|TestCommunity
The directory's pages in a browser|./functions/portal|TestInChromium TestPagesHaveAStrictPolicy
The directory as CSV and JSON, without formulas; cacheable|./functions/directory|TestDownload TestAnswersMayBeKept TestSearchOverHTTP
Concepts are found: ranked, filtered, paged, with no wildcard|./shared/vocabulary|TestSearch TestSearchAgreesWithLookingEverywhere TestPagesJoin TestFacets TestOrderTellsNothingOfCounts TestBuilderRefuses
Concepts are found on a release, also when it moves|./functions/cohort|TestVocabularySearch TestVocabularyPagesAndAReleaseThatMoves TestSearchesArePaced TestShelfIsBounded TestAFailedReadingIsTriedAgain
Counts of concepts, rolled up, show and pin nothing small|./functions/cohort|TestConceptCountsAreDisclosed TestRolledUpCountsPinNothing
Concepts with their relationships, hierarchy and siblings|./functions/cohort|TestConceptDetails TestHierarchy TestSiblings
Concept sets: ATLAS's JSON byte by byte, errors by JSON path|./functions/cohort|TestATLASComesOutAsItWentIn TestBrokenConceptSetsAreRefusedByPath
Concept sets: versions that stay once used, two writers, who may|./functions/cohort|TestConceptSetVersions TestVersionsAreBounded TestTwoWritersOfOneConceptSet TestAVersionUsedWhileItIsChanged TestWhoMayDoWhatWithConceptSets
Concept sets: resolved, kept by hash and vocabulary, compared with reasons|./functions/cohort|TestConceptSetsAreResolved TestResolutionsAreKeptByHashAndVocabulary TestConceptSetsAreCompared
Cohorts: versions that stay once run, and deletion|./functions/cohort|TestAVersionThatRanStaysAsItIs
Cohorts made of others: by hand, by date, refused by path|./functions/cohort|TestSetAlgebraByHand TestCombinedCohorts
Cohorts made of others: cycles, depth, number, hash|./shared/circe|TestCombinationsAreRefusedByPath TestCombinationHash TestCombinedConceptSetsAreBounded
Cohorts: ATLAS's files byte by byte, errors and warnings by path|./functions/cohort|TestImportAndExportAreByteForByte TestValidate
Attrition, demographics and explanations counted by hand|./functions/cohort|TestAttritionByHand TestDemographicsByHand TestExplainByHand TestExplainRoute
Counts shown together tell of nothing small|./functions/cohort|TestFunnel TestPartition TestNothingSmallFollows
Kept counts are never stale and asked for once|./functions/cohort|TestKeptAnswersAreNeverStale TestOneInstanceAsksAtATime
A cohort as a table of the workspace|./functions/cohort|TestMaterialise
A definition's hash is that of its meaning|./shared/circe|TestCanonicalIsPinned TestHashStaysHoweverItIsWritten TestHashTellsMeaningsApart
Each difference to OHDSI's SQL is warned of|./shared/circe|TestWarningsOfQuirks TestUnknownFields
Duplicates: deep, in the background, with progress; the same name is refused at once|./functions/workspace|TestDuplicate TestADuplicateUnderWay
A copy survives a death at every step, and nobody sees half of one|./shared/copying|TestADeathAtEveryStep
A copy by two instances at once, and one that comes late|./shared/copying|TestTwoInstancesAtOnce TestALateRepeatChangesNothing
A copy that cannot be finished is taken back whole|./shared/copying|TestTakenBackAfterTheBound TestAnothersClaimStays TestTheSourceMeanwhile
Copies keep definitions and versions and refer to each other; members only when asked, costs never|./shared/copying|TestADeathAtEveryStep TestMembersAndCosts TestADuplicateOfASnapshot
Every field of what is copied is copied or left out on purpose|./functions/cohort|TestEveryFieldIsCopied
Of notebooks only the source is copied|./shared/notebook|TestSourceHoldsNoResults TestSourceOfWhatTheHubWrites TestWhatIsNoNotebook
Community: versioned snapshots, by category, listed by tier, duplicated, taken back|./functions/workspace|TestWhatCanBePublished TestSnapshotsAreListed TestWhoTakesASnapshotBack
A snapshot tells no members, runs, addresses or notes|./functions/workspace|TestASnapshotTellsNoSecrets
Copies go on without a request, and purging removes files|./functions/reminders|TestCopiesGoOnWithoutARequest TestPurgeRemovesFiles
Every query has its index|./shared/house|TestEveryQueryHasItsIndex
LIST
}

status=0
# One run of each package, of all tests that are named for it.
for package in $(promises | cut -d'|' -f2 | sort -u); do
  names=$(promises | awk -F'|' -v p="$package" '$2 == p { print $3 }' | tr ' ' '\n' | sort -u | paste -sd'|')
  file=$out/$(tr '/' '_' <<<"$package").txt
  if ! go test -count=1 -timeout 15m -v -run "^($names)\$" "$package" >"$file" 2>&1; then
    status=1
    grep -E '^( *--- FAIL|FAIL|panic:)|_test.go:' "$file" | grep -v '"severity"' | head -60 || true
    grep -qE '^--- (PASS|FAIL|SKIP)' "$file" || tail -20 "$file"
  fi
done

while IFS='|' read -r promise package names; do
  file=$out/$(tr '/' '_' <<<"$package").txt
  verdict=ok
  for name in $names; do
    if grep -q "^--- PASS: $name " "$file"; then
      continue
    elif grep -q "^--- SKIP: $name " "$file"; then
      echo "SKIPPED $package $name: $(grep -A1 "^--- SKIP: $name " "$file" | tail -1 | sed 's/^ *//')"
      [ "$verdict" = FAILED ] || verdict=skipped
      [ -z "${CI:-}" ] || status=1
    elif grep -q "^--- FAIL: $name " "$file"; then
      verdict=FAILED
      status=1
    else
      echo "MISSING $package $name: there is no such test, or it did not run"
      verdict=FAILED
      status=1
    fi
  done
  printf '%-8s %s\n' "$verdict" "$promise"
done < <(promises)
exit $status
