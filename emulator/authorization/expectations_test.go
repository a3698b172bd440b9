package authorization

import "slices"

// expectation is who may call a route, as the policy says it. It is written by
// hand and knows nothing of the rules that routes state.
type expectation struct {
	// level is the least assurance level: 0 public, 1 signed in, 2 second factor.
	level int
	// account is what must be kept about the caller: "any" (nothing), "notDisabled"
	// (an account, if there is one, is enabled), or "enabled".
	account string
	// standings that may call; nil where they do not matter beyond account.
	standings []string
	// roles, one of which is needed; nil where they do not matter.
	roles []string
	// memberships that may call, of those in the table; nil where the route is
	// about no workspace.
	memberships []string
	// anyTier is true where the workspace's tier does not matter, because nothing
	// is opened.
	anyTier bool
	// record says that the handler decides on a record, and which test of the room
	// holds that.
	record string
	// unsigned is what a request hears that the handler itself does not believe,
	// such as a webhook without a signature; 0 elsewhere.
	unsigned int
}

// public is for everybody.
func public() expectation { return expectation{account: "any"} }

// own is for whoever is signed in, whatever is kept about them.
func own() expectation { return expectation{level: 1, account: "any"} }

// newcomers is for whoever is signed in, unless the account is disabled.
func newcomers(level int) expectation { return expectation{level: level, account: "notDisabled"} }

// enabled is for accounts that are not disabled.
func enabled(level int) expectation { return expectation{level: level, account: "enabled"} }

// byRecord is enabled, and then the record decides: see the test named.
func byRecord(level int, test string) expectation {
	return expectation{level: level, account: "enabled", record: test}
}

// later is said of a record that a later version of the hub brings.
const later = "a later version has it: it answers 501"

// holders of one of these tiers.
func holders(tiers ...string) expectation {
	return expectation{level: 2, account: "enabled", standings: tiers}
}

// admins with one of these roles.
func admins(roles ...string) expectation {
	return expectation{level: 2, account: "enabled", roles: roles}
}

// members of the workspace that are one of these, and hold its tier.
func members(these ...string) expectation {
	return expectation{level: 2, account: "enabled", memberships: these}
}

// What the roles of a workspace may do. A paused or archived one can be read, not
// changed nor run; a deleted one can be seen and restored by its owners.
var (
	inspects = members("reader", "writer", "owner", "paused", "archived", "deleted")
	reads    = members("reader", "writer", "owner", "paused", "archived")
	copies   = members("reader", "writer", "owner", "archived") // a copy of a paused one would go on where the board said stop
	edits    = members("writer", "owner")
	runs     = members("writer", "owner")
	manages  = members("owner")
	// Changes that carry an etag: what the state forbids is said once the etag is
	// known to be current (functions/workspace holds that); here they all stop at
	// the etag that is missing.
	changes = members("owner", "paused", "archived", "deleted")
	leaves  = expectation{level: 2, account: "enabled", anyTier: true,
		memberships: []string{"reader", "writer", "owner", "paused", "archived", "deleted"}}
)

// expectations is the table. A route that is not in it fails the test, and so
// does a line that no route has.
func expectations() map[string]expectation {
	table := map[string]expectation{}
	for _, part := range []map[string]expectation{
		ofAuth, ofWorkspace, ofCohort, ofQuery, ofEnvironment, ofBilling, ofDissemination, ofPortal, ofPublicRooms,
	} {
		for route, e := range part {
			table[route] = e
		}
	}
	return table
}

var ofWorkspace = map[string]expectation{
	"POST /workspace/v1/workspaces":                                holders("registered", "controlled"),
	"GET /workspace/v1/workspaces":                                 enabled(2),
	"GET /workspace/v1/workspaces/{workspace}":                     inspects,
	"PATCH /workspace/v1/workspaces/{workspace}":                   changes,
	"DELETE /workspace/v1/workspaces/{workspace}":                  changes,
	"GET /workspace/v1/workspaces/{workspace}/members":             reads,
	"PUT /workspace/v1/workspaces/{workspace}/members":             changes,
	"DELETE /workspace/v1/workspaces/{workspace}/members/{member}": leaves,
	"POST /workspace/v1/workspaces/{workspace}/transfer":           changes,
	"POST /workspace/v1/workspaces/{workspace}/restore":            changes,
	"POST /workspace/v1/workspaces/{workspace}/duplications":       copies,
	"GET /workspace/v1/duplications/{duplication}":                 byRecord(2, "functions/workspace TestDuplicate"),
	"GET /workspace/v1/snapshots":                                  holders("registered", "controlled"),
	"GET /workspace/v1/snapshots/{snapshot}":                       holders("registered", "controlled"),
	"GET /workspace/v1/snapshots/{snapshot}/items/{item}":          holders("registered", "controlled"),
	"GET /workspace/v1/snapshots/{snapshot}/items/{item}/versions": holders("registered", "controlled"),
	"POST /workspace/v1/snapshots/{snapshot}/duplications":         holders("registered", "controlled"),
	"DELETE /workspace/v1/snapshots/{snapshot}":                    byRecord(2, "functions/workspace TestWhoTakesASnapshotBack"),
	"POST /workspace/v1/workspaces/{workspace}/archive":            changes,
	"GET /workspace/v1/workspaces/{workspace}/notes":               reads,
	"POST /workspace/v1/workspaces/{workspace}/notes":              edits,
	"GET /workspace/v1/workspaces/{workspace}/notes/{note}":        reads,
	"PUT /workspace/v1/workspaces/{workspace}/notes/{note}":        edits,
	"DELETE /workspace/v1/workspaces/{workspace}/notes/{note}":     edits,
	"GET /workspace/v1/workspaces/{workspace}/resources":           reads,
	"GET /workspace/v1/workspaces/{workspace}/policies":            reads,
	"PUT /workspace/v1/workspaces/{workspace}/policies":            changes,
	"GET /workspace/v1/purpose-form":                               enabled(2),
	"POST /workspace/v1/workspaces/{workspace}/snapshots":          manages,
	"GET /workspace/v1/reviews":                                    admins("reviewBoard"),
	"GET /workspace/v1/reviews/{review}":                           byRecord(2, "functions/workspace TestRolesStatesAndDecisions"),
	"GET /workspace/v1/reviews/{review}/requests":                  admins("reviewBoard"),
	"POST /workspace/v1/reviews/{review}/decision":                 admins("reviewBoard"),
	"POST /workspace/v1/reviews/{review}/resume":                   admins("reviewBoard"),
	"POST /workspace/v1/reviews/{review}/answer":                   byRecord(2, "functions/workspace TestRolesStatesAndDecisions"),
	"GET /workspace/v1/workspaces/{workspace}/reviews":             changes,
}

var ofCohort = map[string]expectation{
	"POST /cohort/v1/workspaces/{workspace}/cohorts":                                  edits,
	"GET /cohort/v1/workspaces/{workspace}/cohorts":                                   reads,
	"GET /cohort/v1/workspaces/{workspace}/cohorts/{cohort}":                          reads,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/estimate":                runs,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/count":                   runs,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/versions":                edits,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/combine":                          edits,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/attrition":               runs,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/explain":                 runs,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/materialise":             runs,
	"POST /cohort/v1/workspaces/{workspace}/datasets":                                 edits,
	"GET /cohort/v1/workspaces/{workspace}/datasets":                                  reads,
	"GET /cohort/v1/workspaces/{workspace}/datasets/{dataSet}":                        reads,
	"GET /cohort/v1/workspaces/{workspace}/concept-sets":                              reads,
	"POST /cohort/v1/workspaces/{workspace}/concept-sets":                             edits,
	"GET /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}":                 reads,
	"PUT /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}":                 edits,
	"DELETE /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}":              edits,
	"GET /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}/versions":        reads,
	"GET /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}/atlas":           reads,
	"GET /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}/concepts":        reads,
	"GET /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}/recommendations": reads,
	"POST /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}/comparison":     reads,
	"POST /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}/resolution":     runs,
	"POST /cohort/v1/workspaces/{workspace}/reviews":                                  runs,
	"GET /cohort/v1/workspaces/{workspace}/reviews":                                   reads,
	"GET /cohort/v1/workspaces/{workspace}/reviews/{review}":                          reads,
	"DELETE /cohort/v1/workspaces/{workspace}/reviews/{review}":                       edits,
	"POST /cohort/v1/workspaces/{workspace}/reviews/{review}/resume":                  runs,
	"GET /cohort/v1/workspaces/{workspace}/reviews/{review}/participants":             reads,
	"GET /cohort/v1/workspaces/{workspace}/reviews/{review}/participants/{place}":     reads,
	"PUT /cohort/v1/workspaces/{workspace}/reviews/{review}/participants/{place}":     edits,
	"GET /cohort/v1/vocabulary":                                                       holders("registered", "controlled"),
	"GET /cohort/v1/concepts/{concept}":                                               holders("registered", "controlled"),
	"GET /cohort/v1/concepts/{concept}/hierarchy":                                     holders("registered", "controlled"),
	"GET /cohort/v1/concepts/{concept}/siblings":                                      holders("registered", "controlled"),
	"GET /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/versions":                 reads,
	"PATCH /cohort/v1/workspaces/{workspace}/cohorts/{cohort}":                        edits,
	"DELETE /cohort/v1/workspaces/{workspace}/cohorts/{cohort}":                       edits,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/validate":                         reads,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/import":                           edits,
	"GET /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/export":                   reads,
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/demographics":            runs,
}

var ofQuery = map[string]expectation{
	"POST /query/v1/workspaces/{workspace}/estimates":              runs,
	"POST /query/v1/workspaces/{workspace}/runs":                   runs,
	"GET /query/v1/workspaces/{workspace}/runs":                    reads,
	"GET /query/v1/workspaces/{workspace}/runs/{run}":              reads,
	"POST /query/v1/workspaces/{workspace}/runs/{run}/cancel":      runs,
	"GET /query/v1/workspaces/{workspace}/runs/{run}/results":      reads,
	"GET /query/v1/workspaces/{workspace}/runs/{run}/results.csv":  reads,
	"GET /query/v1/workspaces/{workspace}/datasets/{dataSet}/code": reads,
	"POST /query/v1/workspaces/{workspace}/schedules":              runs,
	"GET /query/v1/workspaces/{workspace}/schedules":               reads,
}

var ofEnvironment = map[string]expectation{
	"POST /environment/v1/workspaces/{workspace}/notebooks":                        edits,
	"GET /environment/v1/workspaces/{workspace}/notebooks":                         reads,
	"GET /environment/v1/workspaces/{workspace}/notebooks/{notebook}":              reads,
	"GET /environment/v1/workspaces/{workspace}/notebooks/{notebook}/content":      reads,
	"GET /environment/v1/workspaces/{workspace}/environments":                      reads,
	"POST /environment/v1/workspaces/{workspace}/environments":                     runs,
	"POST /environment/v1/workspaces/{workspace}/environments/{environment}/start": runs,
	"POST /environment/v1/workspaces/{workspace}/environments/{environment}/stop":  edits,
}

var ofBilling = map[string]expectation{
	"GET /billing/v1/credits":                                enabled(2),
	"PUT /billing/v1/credits/{uid}":                          admins("accessAdmin"),
	"GET /billing/v1/workspaces/{workspace}/spend":           reads,
	"GET /billing/v1/workspaces/{workspace}/alerts":          reads,
	"GET /billing/v1/workspaces/{workspace}/budget":          reads,
	"PUT /billing/v1/workspaces/{workspace}/budget":          manages,
	"PUT /billing/v1/workspaces/{workspace}/billing-account": manages,
	"GET /billing/v1/billing-accounts":                       enabled(2),
	"POST /billing/v1/billing-accounts":                      enabled(2),
	"DELETE /billing/v1/billing-accounts/{account}":          byRecord(2, later),
	"POST /billingalerts":                                    public(),
	"POST /billingalerts/{$}":                                public(),
}

var ofDissemination = map[string]expectation{
	"POST /dissemination/v1/reports":                      byRecord(2, "functions/dissemination TestWhoMayDoWhat"),
	"GET /dissemination/v1/reports":                       enabled(2),
	"GET /dissemination/v1/reports/{report}":              byRecord(2, "functions/dissemination TestWhoMayDoWhat"),
	"PATCH /dissemination/v1/reports/{report}":            byRecord(2, "functions/dissemination TestWhoMayDoWhat"),
	"GET /dissemination/v1/reports/{report}/versions":     byRecord(2, "functions/dissemination TestWhoMayDoWhat"),
	"POST /dissemination/v1/reports/{report}/submission":  byRecord(2, "functions/dissemination TestWhoMayDoWhat"),
	"POST /dissemination/v1/reports/{report}/withdrawal":  byRecord(2, "functions/dissemination TestWhoMayDoWhat"),
	"POST /dissemination/v1/reports/{report}/publication": byRecord(2, later),
	"POST /dissemination/v1/reports/{report}/deposit":     byRecord(2, later),
	"POST /dissemination/v1/reports/{report}/attachments": byRecord(2, later),
	"POST /dissemination/v1/reports/{report}/review":      admins("reviewBoard"),
	"GET /dissemination/v1/review-queue":                  admins("reviewBoard"),
}

var ofPortal = map[string]expectation{
	"GET /portal/v1/config":                 public(),
	"GET /portal/v1/research-map":           newcomers(1),
	"GET /portal/v1/notices":                newcomers(1),
	"POST /portal/v1/notices/{notice}/read": newcomers(2),
	"GET /portal/v1/search":                 enabled(2),
}

var ofPublicRooms = map[string]expectation{
	"GET /directory/v1/projects":                                public(),
	"GET /directory/v1/projects/{project}":                      public(),
	"GET /directory/v1/policies":                                public(),
	"GET /directory/v1/search":                                  public(),
	"GET /directory/v1/downloads/{format}":                      public(),
	"POST /directory/v1/projects/{project}/review-requests":     public(),
	"POST /directory/v1/review-requests/{request}/confirmation": {account: "any", record: "functions/directory TestConfirmation"},
	"GET /directory/v1/community":                               public(),
	"GET /browser/v1/releases":                                  public(),
	"GET /browser/v1/domains":                                   public(),
	"GET /browser/v1/concepts":                                  public(),
	"GET /browser/v1/concepts/{concept}":                        public(),
	"GET /browser/v1/concepts/{concept}/ages":                   public(),
	"GET /browser/v1/concepts/{concept}/values":                 public(),
	"GET /browser/v1/surveys":                                   public(),
	// Pub/Sub's pushes: the platform lets nobody else in.
	"POST /notify":        public(),
	"POST /notify/{$}":    public(),
	"POST /reminders":     public(),
	"POST /reminders/{$}": public(),
}

// verdict is what a request must hear: 0 where it may.
type verdict struct {
	status int
	code   string
	// about tells the two kinds of 404 apart by a word of the detail.
	about string
}

var (
	mayPass      = verdict{}
	unsignedIn   = verdict{401, "unauthenticated", ""}
	needsFactor  = verdict{403, "assurance", ""}
	refused      = verdict{403, "denied", ""}
	notSetUp     = verdict{404, "notFound", "not set up"}
	notThere     = verdict{404, "notFound", "no such workspace"}
	deletedOne   = verdict{404, "notFound", "was deleted"}
	covers       = map[string][]string{"registered": {"registered"}, "controlled": {"registered", "controlled"}}
	levelOfToken = map[string]int{"nobody": 0, "level1": 1, "level2": 2, "beforeReset": 2}
)

// situation is one caller at one route's door.
type situation struct {
	person
	assurance string
	// membership and tier of the workspace, "" where the route has none.
	membership, tier string
}

// verdict applies the policy to a situation, in the order in which the hub
// answers: the session, the account, what the route is about.
func (e expectation) verdict(s situation) verdict {
	level := levelOfToken[s.assurance]
	switch {
	case e.level == 0:
		return mayPass
	case level == 0:
		return unsignedIn
	case level < e.level:
		return needsFactor
	case e.account == "any":
		return mayPass
	case s.standing == "noAccount" && e.account == "notDisabled":
		return mayPass
	case s.standing == "noAccount":
		return notSetUp
	case e.level == 2 && s.assurance == "beforeReset":
		return needsFactor
	case s.standing == "disabled":
		return refused
	case e.standings != nil && !slices.Contains(e.standings, s.standing):
		return refused
	case e.roles != nil && !slices.Contains(e.roles, s.role):
		return refused
	case e.memberships == nil:
		return mayPass
	case s.membership == "stranger", s.membership == "hidden":
		return notThere
	case !e.anyTier && !slices.Contains(covers[s.standing], s.tier):
		return refused
	case slices.Contains(e.memberships, s.membership):
		return mayPass
	case s.membership == "deleted":
		return deletedOne
	default:
		return refused
	}
}
