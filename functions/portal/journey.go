package portal

import (
	"slices"
	"time"

	"researchhub.example/hub/shared/access"
)

// State is how a step of the Research Map stands.
type State string

// The states of a step.
const (
	Done    State = "done"
	Todo    State = "todo"
	Blocked State = "blocked" // by other steps, named
	NotYet  State = "notYet"  // this version of the hub does not have it
)

// Step is one line of the Research Map.
type Step struct {
	ID    string `json:"id"`
	Stage string `json:"stage" doc:"The part of the journey that the step belongs to."`
	Title string `json:"title"`
	State State  `json:"state" enum:"done,todo,blocked,notYet"`
	// BlockedBy names the steps that come first.
	BlockedBy []string `json:"blockedBy,omitempty" doc:"The ids of the steps that come first."`
	// Due is when it must be done, or done again.
	Due *time.Time `json:"due,omitempty" doc:"When it must be done, or done again."`
	// Link is where it is done, below the hub's address.
	Link string `json:"link" doc:"Where it is done."`
	// Note says what a title cannot.
	Note string `json:"note,omitempty"`

	// met is whether the step holds up nothing: done, or complete with its
	// renewal open.
	met bool
}

// facts are what the map is computed from.
type facts struct {
	// HasAccount is false for somebody who signed in but has no profile.
	HasAccount bool
	// Address is true once the e-mail address has been confirmed.
	Address bool
	Status  access.Status
	// Workspaces counts those that the researcher is a member of.
	Workspaces int
	// What there is in any of them.
	Cohorts, DataSets, Runs, Notebooks bool
	Reports                            bool
	// CreditsEnd is when the credits expire; zero before they begin.
	CreditsEnd time.Time
}

// The stages of the journey.
const (
	ready   = "Getting ready"
	plan    = "Plan a project"
	setUp   = "Set up"
	data    = "Data set"
	analyse = "Analysis"
	billing = "Billing"
	publish = "Dissemination"
	share   = "Community"
)

// modules are the steps that complete access modules, in the order of the
// journey.
var modules = []struct {
	module             access.Module
	title, link, after string
}{
	{access.TwoFactor, "Set up two-factor authentication", "/portal/security#second-factor", "profile"},
	{access.Identity, "Have your identity verified", "/portal/account#identity", "profile"},
	{access.Training, "Complete the training for the Registered Tier", "/portal/account#training", "profile"},
	{access.CodeOfConduct, "Sign the Data User Code of Conduct", "/portal/account#codeOfConduct", "profile"},
	{access.ProfileConfirmation, "Confirm your profile", "/portal/account#profileConfirmation", "profile"},
	{access.PublicationConfirmation, "Confirm your publications", "/portal/account#publicationConfirmation", "profile"},
	{access.ControlledTraining, "Complete the training for the Controlled Tier", "/portal/account#controlledTraining", "profile"},
}

// journey is the Research Map of somebody with these facts. It is pure.
func journey(f facts) []Step {
	steps := []Step{
		step("address", ready, "Confirm your e-mail address", "/portal/#address", f.Address),
		step("profile", ready, "Create your profile", "/portal/#profile", f.HasAccount, "address"),
	}
	steps = append(steps, moduleSteps(f)...)
	// What opens a workspace: every module of the registered tier.
	var registered []string
	for _, r := range access.Requirements() {
		if slices.Contains(r.Tiers, access.Registered) {
			registered = append(registered, string(r.Module))
		}
	}
	tier := step("tier", ready, "Reach the Registered Tier", "/portal/", f.Status.Tier.Covers(access.Registered), append([]string{"profile"}, registered...)...)
	if slices.Contains(f.Status.Blocked, "institution") && !f.Status.Tier.Covers(access.Registered) {
		tier.Note = "Your e-mail address is not valid at an institution with an agreement for this tier."
	}
	if slices.Contains(f.Status.Blocked, "accountDisabled") {
		tier.Note = "Your account is disabled. Ask the access team."
	}
	separate := Step{ID: "browserProfile", Stage: ready, Title: "Use a separate browser profile for the hub", State: Todo, Link: "/portal/",
		Note: "Only you can see to this: the hub does not look into your browser."}
	steps = append(steps, separate, tier,
		step("look", plan, "Look through the Research Projects Directory", "/portal/directory", f.Workspaces > 0),
		step("explore", plan, "Look through the Data Browser", "/portal/data", f.Workspaces > 0),
		step("policies", plan, "Read the policies that a project is held to", "/portal/directory#policies", f.Workspaces > 0),
		step("workspace", setUp, "Create a workspace for your project", "/workspace/docs", f.Workspaces > 0, "tier"),
		step("cohort", data, "Choose participants in the Cohort Builder", "/cohort/docs", f.Cohorts, "workspace"),
		step("dataSet", data, "Put the data set together", "/cohort/docs", f.DataSets, "cohort"),
		step("run", analyse, "Run the data set, or SQL of your own, its cost shown first", "/query/docs", f.Runs, "workspace"),
		step("notebook", analyse, "Take the rows to a notebook", "/environment/docs", f.Notebooks, "run"),
		later("environments", analyse, "Work in Jupyter, RStudio or SAS Studio", "/environment/docs"),
		creditsStep(f),
		later("billingAccount", billing, "Attach a billing account of your own", "/billing/docs"),
		step("report", publish, "Report a publication at least two weeks ahead", "/dissemination/docs", f.Reports, "workspace"),
		later("deposit", publish, "Deposit the final manuscript in PubMed Central", "/dissemination/docs"),
		later("community", share, "Share a finished workspace with the community", "/workspace/docs"),
	)
	return resolve(steps)
}

func moduleSteps(f facts) []Step {
	var out []Step
	for _, m := range modules {
		i := slices.IndexFunc(f.Status.Modules, func(s access.ModuleStatus) bool { return s.Module == m.module })
		var st access.ModuleStatus
		if i >= 0 {
			st = f.Status.Modules[i]
		}
		one := step(string(m.module), ready, m.title, m.link, st.State.Complies(), m.after)
		if r, ok := access.RequirementOf(m.module); ok && !r.SelfService && m.module != access.TwoFactor {
			one.Note = "The result comes from the provider, or from an access admin."
		}
		switch st.State {
		case access.Complete:
			one.Note = ""
		case access.Renewing:
			one.State, one.Note = Todo, "Complete until the date shown; the renewal is open."
		case access.Expired:
			one.Note = "It has expired: do it again."
		case access.Bypassed:
			one.Note = "Waived by an admin."
		}
		if !st.ExpiresAt.IsZero() {
			due := st.ExpiresAt
			one.Due = &due
		}
		out = append(out, one)
	}
	return out
}

// creditsStep is done by itself when the researcher reaches a tier.
func creditsStep(f facts) Step {
	s := step("credits", billing, "Use your initial credits", "/billing/docs", !f.CreditsEnd.IsZero(), "tier")
	if !f.CreditsEnd.IsZero() {
		due := f.CreditsEnd
		s.Due = &due
	}
	return s
}

func step(id, stage, title, link string, done bool, after ...string) Step {
	s := Step{ID: id, Stage: stage, Title: title, State: Todo, Link: link, BlockedBy: after, met: done}
	if done {
		s.State = Done
	}
	return s
}

func later(id, stage, title, link string) Step {
	return Step{ID: id, Stage: stage, Title: title, State: NotYet, Link: link, Note: "This version of the hub does not have it yet."}
}

// resolve keeps of each step's predecessors those that hold it up, and blocks
// the step while there are any.
func resolve(steps []Step) []Step {
	met := map[string]bool{}
	for _, s := range steps {
		met[s.ID] = s.met
	}
	for i := range steps {
		s := &steps[i]
		if s.met {
			s.BlockedBy = nil
			continue
		}
		s.BlockedBy = slices.DeleteFunc(slices.Clone(s.BlockedBy), func(id string) bool { return met[id] })
		if len(s.BlockedBy) > 0 && s.State == Todo {
			s.State = Blocked
		}
	}
	return steps
}
