package dissemination

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
)

// Author is one author of a report.
type Author struct {
	Name  string `json:"name" firestore:"name" minLength:"1" maxLength:"200"`
	UID   string `json:"uid,omitempty" firestore:"uid" maxLength:"128" doc:"The account of an author who is a hub user; such an author reads the report."`
	Email string `json:"email,omitempty" firestore:"email" maxLength:"254"`
}

// Attestations are what the researcher vouches for, policy by policy.
type Attestations struct {
	Stigmatizing bool `json:"stigmatizing" firestore:"stigmatizing" doc:"The work keeps to the policy on stigmatizing research."`
	Ethics       bool `json:"ethics" firestore:"ethics" doc:"The work keeps to the policy on the ethical conduct of research."`
}

// Content is what the researcher writes. A draft needs kind, title and
// workspaces; a submission needs all but authors (the owner is one) and links.
type Content struct {
	Kind         string   `json:"kind" firestore:"kind" enum:"manuscript,abstract,poster,talk,preprint,press"`
	Title        string   `json:"title" firestore:"title" minLength:"1" maxLength:"300"`
	WorkspaceIDs []string `json:"workspaceIds" firestore:"workspaceIds" minItems:"1" maxItems:"10" doc:"The workspaces that the work was done in."`
	Authors      []Author `json:"authors,omitempty" firestore:"authors" maxItems:"100" doc:"The owner alone when left out."`
	Venue        string   `json:"venue,omitempty" firestore:"venue" maxLength:"200" doc:"The journal, conference or outlet."`
	PlannedDate  string   `json:"plannedDate,omitempty" firestore:"plannedDate" maxLength:"10" doc:"The day it becomes public, such as 2026-12-24, in UTC." example:"2026-12-24"`
	LaySummary   string   `json:"laySummary,omitempty" firestore:"laySummary" maxLength:"5000" doc:"What was found, in plain language."`
	Tier         string   `json:"tier,omitempty" firestore:"tier" enum:"registered,controlled"`
	ReleaseID    string   `json:"releaseId,omitempty" firestore:"releaseId" maxLength:"128"`

	AcknowledgementIncluded bool         `json:"acknowledgementIncluded,omitempty" firestore:"acknowledgementIncluded" doc:"The programme's acknowledgement text is in it."`
	DataStatement           string       `json:"dataStatement,omitempty" firestore:"dataStatement" maxLength:"5000" doc:"How readers can get at the data."`
	Attestations            Attestations `json:"attestations,omitempty" firestore:"attestations"`
	Links                   []string     `json:"links,omitempty" firestore:"links" maxItems:"20" doc:"Addresses that begin with https://."`
}

// check finds what no draft may hold, whatever it still lacks.
func (c Content) check() error {
	var bad []fault.Field
	add := func(ok bool, path, message string) {
		if !ok {
			bad = append(bad, fault.Field{Path: "body." + path, Message: message})
		}
	}
	add(oneLine(c.Title) && strings.TrimSpace(c.Title) != "", "title", "expected one line of text")
	add(oneLine(c.Venue), "venue", "expected one line of text")
	for i, w := range c.WorkspaceIDs {
		add(id.Check(id.Workspace, w) == nil, fmt.Sprintf("workspaceIds[%d]", i), "expected a workspace's identifier")
		add(slices.Index(c.WorkspaceIDs, w) == i, fmt.Sprintf("workspaceIds[%d]", i), "expected each workspace once")
	}
	for i, a := range c.Authors {
		add(oneLine(a.Name) && strings.TrimSpace(a.Name) != "", fmt.Sprintf("authors[%d].name", i), "expected one line of text")
		parsed, err := netmail.ParseAddress(a.Email)
		add(a.Email == "" || err == nil && parsed.Address == a.Email, fmt.Sprintf("authors[%d].email", i), "expected a mail address")
		add(!strings.ContainsFunc(a.UID, func(r rune) bool { return r == '/' || unicode.IsControl(r) }), fmt.Sprintf("authors[%d].uid", i), "expected an account's identifier")
	}
	_, err := parseDate(c.PlannedDate)
	add(c.PlannedDate == "" || err == nil, "plannedDate", "expected a date such as 2026-12-24")
	for i, l := range c.Links {
		u, err := url.Parse(l)
		add(err == nil && len(l) <= 500 && u.Scheme == "https" && u.Host != "" && u.User == nil, fmt.Sprintf("links[%d]", i), "expected an address that begins with https://")
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

func oneLine(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

// complete finds everything that a submission still lacks, at once.
func (c Content) complete() error {
	var missing []fault.Field
	need := func(ok bool, path, message string) {
		if !ok {
			missing = append(missing, fault.Field{Path: path, Message: message})
		}
	}
	text := func(s, path string) {
		need(strings.TrimSpace(s) != "", path, "expected before the report can be submitted")
	}
	text(c.Venue, "venue")
	text(c.PlannedDate, "plannedDate")
	text(c.LaySummary, "laySummary")
	text(c.Tier, "tier")
	text(c.ReleaseID, "releaseId")
	text(c.DataStatement, "dataStatement")
	need(c.AcknowledgementIncluded, "acknowledgementIncluded", "expected the acknowledgement text to be included")
	need(c.Attestations.Stigmatizing, "attestations.stigmatizing", "expected to be attested")
	need(c.Attestations.Ethics, "attestations.ethics", "expected to be attested")
	if len(missing) > 0 {
		return fault.InvalidFields(missing...)
	}
	return nil
}

// fits compares tier and release with the workspaces that the work was done in.
func (c Content) fits(workspaces []access.Workspace) error {
	highest := access.Registered
	known := false
	for _, w := range workspaces {
		if !highest.Covers(w.Tier) {
			highest = w.Tier
		}
		known = known || w.ReleaseID == c.ReleaseID
	}
	var bad []fault.Field
	if c.Tier != "" && c.Tier != string(highest) {
		bad = append(bad, fault.Field{Path: "body.tier", Message: "expected the highest tier of the workspaces: " + string(highest)})
	}
	if c.ReleaseID != "" && !known {
		bad = append(bad, fault.Field{Path: "body.releaseId", Message: "expected the data release of one of the workspaces"})
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}
