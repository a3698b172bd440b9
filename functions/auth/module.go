package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/session"
)

// completion is what a researcher says when completing a module.
type completion struct {
	FullName string   `json:"fullName,omitempty" maxLength:"200" doc:"codeOfConduct: the account's name, typed in full."`
	Initials string   `json:"initials,omitempty" maxLength:"10" doc:"codeOfConduct: the initials."`
	Version  string   `json:"version,omitempty" maxLength:"20" doc:"codeOfConduct: the version that is signed: the one in force, or one that takes effect later."`
	Reports  []string `json:"reports,omitempty" maxItems:"100" doc:"publicationConfirmation: identifiers of the reports to name; none says that there is nothing to report."`
}

// doneBy says who completes what is not done by the researcher.
var doneBy = map[access.Module]string{
	access.TwoFactor:          "It is completed by confirming a second factor: POST /auth/v1/factors/totp.",
	access.Identity:           "It is completed by the identity provider's verified result.",
	access.Training:           "It is completed by the training provider, or by an access admin with evidence.",
	access.ControlledTraining: "It is completed by the training provider, or by an access admin with evidence.",
}

// completeModule records that the researcher completed a self-service module.
// One that is complete can be done again once its renewal is open.
func (s *service) completeModule(ctx context.Context, p session.Principal, m access.Module, in completion) (access.Account, error) {
	r, ok := access.RequirementOf(m)
	if !ok {
		return access.Account{}, errNoModule()
	}
	if !r.SelfService {
		return access.Account{}, fault.New(fault.Invalid, "This module is not completed here. %s", doneBy[m])
	}
	return s.change(ctx, "module.complete", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		before := c.account.Modules[string(m)]
		after, err := factOfCompletion(m, in, c.account, c.now)
		if err != nil {
			return err
		}
		if err := renewable(m, before, s.gate.Rules, c.now); err != nil {
			return err
		}
		if m == access.PublicationConfirmation {
			if err := c.ownReports(p.UID, in.Reports); err != nil {
				return err
			}
		}
		if m == access.CodeOfConduct {
			if err := c.keepSignature(p, in); err != nil {
				return err
			}
		}
		setModule(&c.account, m, after)
		return c.audit(audit.Entry{Actor: p.UID, Act: "module.complete", Target: target(c.account.UID, m),
			Before: describe(before), After: describe(after)})
	})
}

func errNoModule() error {
	return fault.New(fault.NotFound, "There is no such module. The modules are listed at GET /auth/v1/account.")
}

// factOfCompletion checks what the researcher said and gives what is kept of it.
func factOfCompletion(m access.Module, in completion, a access.Account, now time.Time) (access.ModuleFact, error) {
	f := access.ModuleFact{CompletedAt: now, Evidence: "confirmed"}
	var err error
	switch m {
	case access.CodeOfConduct:
		f.Version = in.Version
		f.Evidence, err = signature(in, a, now)
	case access.PublicationConfirmation:
		f.Evidence, err = named(in.Reports)
	}
	return f, err
}

// named is what a publication confirmation says.
func named(reports []string) (string, error) {
	if len(reports) == 0 {
		return "nothing to report", nil
	}
	for _, r := range reports {
		if err := id.Check(id.Report, r); err != nil {
			return "", fault.InvalidFields(fault.Field{Path: "body.reports", Message: "Name reports by their identifiers, rep_<26 characters>."})
		}
	}
	return "reports: " + strings.Join(reports, ", "), nil
}

// ownReports refuses to name reports that are not there or not the caller's: one
// answer for both.
func (c *change) ownReports(uid string, reports []string) error {
	if len(reports) == 0 {
		return nil
	}
	refs := make([]*firestore.DocumentRef, len(reports))
	for i, r := range reports {
		refs[i] = c.client.Collection("reports").Doc(r)
	}
	snaps, err := c.tx.GetAll(refs)
	if err != nil {
		return err
	}
	for _, snap := range snaps {
		var r struct {
			MemberUIDs []string `firestore:"memberUids"`
		}
		if snap.Exists() {
			if err := snap.DataTo(&r); err != nil {
				return fault.Wrap("module.reports", err)
			}
		}
		if !slices.Contains(r.MemberUIDs, uid) {
			return fault.InvalidFields(fault.Field{Path: "body.reports", Message: "Name reports of which you are an author, as GET /dissemination/v1/reports lists them."})
		}
	}
	return nil
}

// signature checks a signature under the Data User Code of Conduct: name typed
// in full, initials, and the version that is in force, or one that is coming.
func signature(in completion, a access.Account, now time.Time) (string, error) {
	current, ok := policy.CurrentOf(policy.CodeOfConduct, now)
	if !ok {
		return "", fault.New(fault.Conflict, "No version of the code of conduct is in force.")
	}
	var broken []fault.Field
	if strings.Join(strings.Fields(in.FullName), " ") != a.Name {
		broken = append(broken, fault.Field{Path: "body.fullName", Message: "Type your name exactly as it stands in your account."})
	}
	initials := strings.TrimSpace(in.Initials)
	if initials == "" {
		broken = append(broken, fault.Field{Path: "body.initials", Message: "Give your initials."})
	}
	if !policy.Signable(policy.Versions(), policy.CodeOfConduct, in.Version, now) {
		broken = append(broken, fault.Field{Path: "body.version", Message: "Sign the version in force: " + current.Version + "."})
	}
	if len(broken) > 0 {
		return "", fault.InvalidFields(broken...)
	}
	return fmt.Sprintf("version %s signed as %s (%s)", in.Version, a.Name, initials), nil
}

// renewable refuses to do again what is complete and not yet in its renewal window.
func renewable(m access.Module, f access.ModuleFact, rules access.Rules, now time.Time) error {
	a := access.Account{Modules: map[string]access.ModuleFact{string(m): f}}
	for _, st := range access.Evaluate(a, access.Institution{}, rules, now).Modules {
		if st.Module == m && st.State == access.Complete {
			return fault.New(fault.Conflict, "This module is complete until %s. It can be renewed from %s on.",
				st.ExpiresAt.Format(time.DateOnly), st.ExpiresAt.Add(-rules.RenewalWindow).Format(time.DateOnly))
		}
	}
	return nil
}

func setModule(a *access.Account, m access.Module, f access.ModuleFact) {
	if a.Modules == nil {
		a.Modules = map[string]access.ModuleFact{}
	}
	a.Modules[string(m)] = f
}

func target(uid string, m access.Module) string {
	return access.Accounts + "/" + uid + "/modules/" + string(m)
}

// describe tells a module's fact in the audit log. It names no admin: the entry's
// actor does, and the account's owner reads the rest.
func describe(f access.ModuleFact) string {
	switch {
	case f.BypassedBy != "":
		return "bypassed: " + f.BypassReason
	case f.CompletedAt.IsZero():
		return "missing"
	default:
		return "completed " + f.CompletedAt.Format(time.RFC3339) + ": " + f.Evidence
	}
}
