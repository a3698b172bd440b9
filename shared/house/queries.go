package house

// QuerySite is one Go function that queries Firestore, with what its code says
// and the queries that come of it.
type QuerySite struct {
	// Site and Shape are as Site's Name and Shape; a test says what they are.
	Site, Shape string
	// Queries are those that reach Firestore from here. A function that builds a
	// query names the whole of it; one that is handed a built query names none.
	Queries []Query
}

// The orders of the list of workspaces: the last changed first, or by name.
var (
	lastChanged = []IndexField{{FieldPath: "updatedAt", Order: Descending}, {FieldPath: documentName, Order: Descending}}
	byName      = []IndexField{{FieldPath: "nameKey", Order: Ascending}, {FieldPath: documentName, Order: Ascending}}
)

// Queries is the table of every Firestore query in functions, shared and
// scripts.
func Queries() []QuerySite {
	return []QuerySite{
		// The helpers, whose callers stand below.
		{"shared/firestorex.Newest", "OrderBy(DocumentID Desc)", nil},
		{"shared/firestorex.NewestOfAll", "OrderBy(id Desc)", nil},

		{"shared/credits.Store.Spends", "Collection(spends) Where(workspaceId ==) Newest",
			[]Query{{Collection: "spends", Equal: []string{"workspaceId"}, Order: newest}}},
		{"shared/outbox.Sender.Sweep", "Collection(outbox) Where(sent ==) Where(at <=) OrderBy(at Asc)",
			[]Query{{Collection: "outbox", Equal: []string{"sent"}, Range: "at", Order: []IndexField{{FieldPath: "at", Order: Ascending}}}}},

		{"functions/auth.change.forgetIdentity", "Collection(identities) Where(uid ==)", []Query{{Collection: "identities", Equal: []string{"uid"}}}},
		{"functions/auth.service.auditQuery", "Collection(audit) OrderBy(id Desc) Where(field ==)", auditQueries()},
		{"functions/auth.service.listAccounts", "Collection(accounts) OrderBy(DocumentID Asc) Collection(accounts) Where(email ==)",
			[]Query{{Collection: "accounts"}, {Collection: "accounts", Equal: []string{"email"}}}},
		{"functions/auth.service.ownAudit", "Collection(audit) Where(uids array-contains) OrderBy(id Desc)",
			[]Query{{Collection: "audit", Contains: "uids", Order: newestOfAll}}},
		{"functions/auth.service.signatures", "Newest Collection(signatures) Where(uid ==)",
			[]Query{{Collection: "signatures", Equal: []string{"uid"}, Order: newest}}},
		{"functions/auth.service.getInstitutions", "NewestOfAll Collection(institutions)", []Query{{Collection: "institutions", Order: newestOfAll}}},
		{"functions/auth.service.listing", "Collection(institutions) Where(? array-contains-any)",
			[]Query{{Collection: "institutions", Contains: "rules.registered.list"}, {Collection: "institutions", Contains: "rules.controlled.list"}}},
		{"functions/auth.service.membersOf", "Collection(accounts) Where(institutionId ==)",
			[]Query{{Collection: "accounts", Equal: []string{"institutionId"}}}},
		{"functions/auth.service.matchInstitution", "Collection(institutions) Where(? array-contains-any)",
			[]Query{{Collection: "institutions", Contains: "rules.registered.list"}, {Collection: "institutions", Contains: "rules.controlled.list"}}},
		{"functions/billing.budgets.query", "Collection(budgets) Where(workspaceId ==)", []Query{{Collection: "budgets", Equal: []string{"workspaceId"}}}},
		{"functions/billing.budgets.alertsOf", "Collection(alerts) Where(workspaceId ==)",
			[]Query{{Collection: "alerts", Equal: []string{"workspaceId"}, Order: newest}}},
		{"functions/billing.room.alerts", "Newest", nil}, // alertsOf's
		{"functions/browser.cloudSource.Releases", "Collection(releases) Where(state ==)", []Query{{Collection: "releases", Equal: []string{"state"}}}},
		{"functions/cohort.room.list", "NewestOfAll", []Query{{Collection: "cohorts", Order: newestOfAll}}},
		{"functions/cohort.room.listConceptSets", "NewestOfAll", []Query{{Collection: "conceptSets", Order: newestOfAll}}},
		{"functions/cohort.room.useSets", "Where(definitionHash in)", []Query{{Collection: "conceptSets", Equal: []string{"definitionHash"}}}},
		{"functions/cohort.room.listConceptSetVersions", "NewestOfAll", []Query{{Collection: "versions", Order: newestOfAll}}},
		{"functions/cohort.room.removeCohort", "Where(cohorts array-contains)", []Query{{Collection: "cohorts", Contains: "cohorts"}}},
		{"functions/cohort.room.listReviews", "NewestOfAll", []Query{{Collection: "participantReviews", Order: newestOfAll}}},
		{"functions/cohort.room.page", "Collection(participants) Where(status ==) OrderBy(DocumentID Asc)", []Query{{Collection: "participants", Equal: []string{"status"}}}},
		{"functions/cohort.room.saidOf", "Collection(participants) OrderBy(DocumentID Asc)", []Query{{Collection: "participants"}}},
		{"functions/cohort.room.progress", "Collection(participants) Where(status ==)", []Query{{Collection: "participants", Equal: []string{"status"}}}},
		{"functions/cohort.room.listDataSets", "NewestOfAll", []Query{{Collection: "dataSets", Order: newestOfAll}}},
		{"functions/directory.service.projects", "NewestOfAll Collection(directoryProjects)", []Query{{Collection: "directoryProjects", Order: newestOfAll}}},
		{"functions/directory.records.All", "Collection(directoryProjects) OrderBy(id Desc)", []Query{{Collection: "directoryProjects", Order: newestOfAll}}},
		{"functions/directory.records.Since", "Collection(directoryProjects) Where(changedAt >=) OrderBy(changedAt Asc) " +
			"Collection(directoryRemovals) Where(changedAt >=) OrderBy(changedAt Asc)",
			[]Query{{Collection: "directoryProjects", Range: "changedAt"}, {Collection: "directoryRemovals", Range: "changedAt"}}},
		{"functions/directory.service.community", "Collection(communityListing) OrderBy(id Desc) Where(category ==) Where(tier ==)",
			[]Query{{Collection: "communityListing", Order: newestOfAll}, {Collection: "communityListing", Equal: []string{"category"}, Order: newestOfAll},
				{Collection: "communityListing", Equal: []string{"tier"}, Order: newestOfAll}, {Collection: "communityListing", Equal: []string{"category", "tier"}, Order: newestOfAll}}},
		{"functions/dissemination.store.list", "Collection(reports) Where(memberUids array-contains) Newest",
			[]Query{{Collection: "reports", Contains: "memberUids", Order: newest}}},
		{"functions/dissemination.store.versions", "NewestOfAll Collection(versions)", []Query{{Collection: "versions", Order: newestOfAll}}},
		{"functions/environment.notebookRecords.Page", "Collection(workspaces) Collection(notebooks) NewestOfAll", []Query{{Collection: "notebooks", Order: newestOfAll}}},
		{"functions/notify.notices.recipients", "Collection(accounts) Where(adminRoles array-contains)",
			[]Query{{Collection: "accounts", Contains: "adminRoles"}}},
		{"functions/portal.service.facts", "Collection(reports) Where(memberUids array-contains)",
			[]Query{{Collection: "reports", Contains: "memberUids"}}},
		{"functions/portal.service.lookInto", "Collection(workspaces) Where(memberUids array-contains) Newest Collection(workspaces) Collection(collection)",
			[]Query{{Collection: "workspaces", Contains: "memberUids", Order: newest}}},
		{"functions/portal.service.notices", "Collection(notices) Where(uid ==) Newest",
			[]Query{{Collection: "notices", Equal: []string{"uid"}, Order: newest}}},
		{"functions/query.room.list", "NewestOfAll Collection(runs)", []Query{{Collection: "runs", Order: newestOfAll}}},
		{"functions/reminders.purge.run", "Collection(workspaces) Where(purgeAt <=) OrderBy(purgeAt Asc)",
			[]Query{{Collection: "workspaces", Range: "purgeAt", Order: []IndexField{{FieldPath: "purgeAt", Order: Ascending}}}}},
		{"functions/reminders.reviewsDue.run", "Collection(openReviews) Where(remindAt <=) OrderBy(remindAt Asc)",
			[]Query{{Collection: "openReviews", Range: "remindAt", Order: []IndexField{{FieldPath: "remindAt", Order: Ascending}}}}},
		{"functions/reminders.expiry.onePage", "Collection(accounts) OrderBy(DocumentID Asc)", []Query{{Collection: "accounts"}}},
		{"scripts/bench/workspace.bench.listBare", "Collection(accounts) Collection(institutions) Collection(workspaces) Where(listKeys array-contains) " +
			"OrderBy(updatedAt Desc) OrderBy(DocumentID Desc)", []Query{{Collection: "workspaces", Contains: "listKeys", Order: lastChanged}}},
		{"shared/copying.Engine.Sweep", "Collection(copyings) Where(dueAt <=) OrderBy(dueAt Asc)",
			[]Query{{Collection: "copyings", Range: "dueAt", Order: []IndexField{{FieldPath: "dueAt", Order: Ascending}}}}},
		// Upwards by name, in the collections of copying.Layout: no index is needed.
		{"shared/copying.walk.nextVersion", "Collection(Versions) OrderBy(DocumentID Asc)", nil},
		{"shared/copying.walk.page", "Collection(Collection) OrderBy(DocumentID Asc)", nil},
		{"functions/workspace.service.fewUnderWay", "Collection(copyings) Where(actor ==) Where(state ==)", []Query{{Collection: "copyings", Equal: []string{"actor", "state"}}}},
		{"functions/workspace.service.snapshots", "Collection(snapshots) Where(listKeys array-contains) Newest Where(titleKey >=) Where(titleKey <) OrderBy(titleKey Asc) OrderBy(DocumentID Asc)",
			[]Query{
				{Collection: "snapshots", Contains: "listKeys", Order: newest},
				{Collection: "snapshots", Contains: "listKeys", Range: "titleKey",
					Order: []IndexField{{FieldPath: "titleKey", Order: Ascending}, {FieldPath: documentName, Order: Ascending}}},
			}},
		{"functions/workspace.service.versions", "Collection(Collection) Collection(Versions) OrderBy(DocumentID Asc)", nil}, // as copying.walk
		{"functions/workspace.newestResources", "OrderBy(id Desc)", []Query{{Collection: "cohorts", Order: newestOfAll}, {Collection: "conceptSets", Order: newestOfAll},
			{Collection: "dataSets", Order: newestOfAll}, {Collection: "notebooks", Order: newestOfAll}, {Collection: "runs", Order: newestOfAll}, {Collection: "notes", Order: newestOfAll}}},
		{"functions/workspace.service.listNotes", "NewestOfAll", []Query{{Collection: "notes", Order: newestOfAll}}},
		{"functions/workspace.service.listQuery", "Collection(workspaces) Where(listKeys array-contains) " +
			"Where(nameKey >=) Where(nameKey <) OrderBy(nameKey Asc) OrderBy(DocumentID Asc) OrderBy(updatedAt Desc) OrderBy(DocumentID Desc)",
			[]Query{
				{Collection: "workspaces", Contains: "listKeys", Order: lastChanged},
				{Collection: "workspaces", Contains: "listKeys", Range: "nameKey", Order: byName},
			}},
		{"functions/workspace.service.queue", "Collection(reviews) Where(state ==) OrderBy(dueAt Asc) OrderBy(DocumentID Asc)",
			[]Query{{Collection: "reviews", Equal: []string{"state"}, Order: []IndexField{{FieldPath: "dueAt", Order: Ascending}, {FieldPath: documentName, Order: Ascending}}}}},
		{"functions/workspace.service.requestsOf", "Collection(reviewRequests) Where(reviewId ==) Newest",
			[]Query{{Collection: "reviewRequests", Equal: []string{"reviewId"}, Order: newest}}},
		{"functions/workspace.service.reviewsOf", "Collection(reviews) Where(workspaceId ==) Newest",
			[]Query{{Collection: "reviews", Equal: []string{"workspaceId"}, Order: newest}}},
		{"functions/workspace.service.uidOf", "Collection(accounts) Where(email in)", []Query{{Collection: "accounts", Equal: []string{"email"}}}},
	}
}

// auditQueries are those of the audit log's filters: every combination of the
// fields that can be compared, newest first. The act is compared as a whole or by
// its area.
func auditQueries() []Query {
	var all []Query
	for _, act := range []string{"act", "area"} {
		fields := []string{"actor", "subject", "target", act}
		for chosen := range 1 << len(fields) {
			q := Query{Collection: "audit", Order: newestOfAll}
			for i, field := range fields {
				if chosen&(1<<i) != 0 {
					q.Equal = append(q.Equal, field)
				}
			}
			all = append(all, q)
		}
	}
	return all
}
