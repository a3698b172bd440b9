// Package policy holds the policies that researchers are held to, by version:
// what is signed, acknowledged and shown. The words are the hub's own plain
// summaries; the programme's text is what binds.
//
// Standard library only.
package policy

import (
	"slices"
	"time"
)

// The policies' identifiers.
const (
	CodeOfConduct        = "codeOfConduct"
	StigmatizingResearch = "stigmatizingResearch"
	EthicalConduct       = "ethicalConduct"
	Dissemination        = "dissemination"
	TermsOfService       = "termsOfService"
)

// Policy is one version of one policy.
type Policy struct {
	ID string
	// Version is what a signature or an acknowledgement names.
	Version string
	// EffectiveAt is from when on the version is the current one.
	EffectiveAt time.Time
	Title       string
	// Summary says in plain words what is asked of a researcher.
	Summary string
	// Source names where the binding text is found.
	Source string
	// Link leads to the programme's own words, "" where there are none in public.
	Link string
	// Changes says in plain words what this version asks that the one before did
	// not; "" for the first.
	Changes string
}

// source is where the binding texts are, in the programme's own terms.
const source = "The research programme's policy library"

// link is the programme's overview of its policies, from which each text can be
// had. The texts' own addresses change with their versions.
const link = "https://support.researchallofus.org/hc/en-us/articles/4415498292244-Overview-of-All-of-Us-Research-Program-Policies-for-Researchers"

var start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// versions lists every version of every policy, in the order shown. A new
// version is a new entry; earlier ones stay, because records name them.
var versions = []Policy{
	{CodeOfConduct, "1", start, "Data User Code of Conduct",
		"Use the data for the purpose you stated and for nothing else. Do not try to find out who a participant is. " +
			"Keep row-level data inside the workspace. Do not share your account. Report what goes wrong. " +
			"It is signed once a year.", source, link, ""},
	{StigmatizingResearch, "1", start, "Policy on Stigmatizing Research",
		"Do not design, do or publish research that puts a group of people in a bad light or invites others to do so. " +
			"Say how you avoid it, and ask for a review where you are not sure.", source, link, ""},
	{EthicalConduct, "1", start, "Policy on Ethical Conduct of Research",
		"Follow the law, your institution's rules and the terms that participants agreed to. " +
			"Treat participants as partners, state your purpose truthfully, and keep to it.", source, link, ""},
	{Dissemination, "1", start, "Data and Statistics Dissemination Policy",
		"Show nobody outside the workspace a number that stands for 1 to 20 participants, nor one from which such a number can be worked out. " +
			"Tell the programme about a publication at least two weeks ahead.", source, link, ""},
	{TermsOfService, "1", start, "Terms of Service",
		"The account is yours alone: keep your password and second factors to yourself, and say so at once when somebody else may have them. " +
			"Keep your name, affiliation and address right. What you do in the hub is recorded, and may be looked into. " +
			"Your name, institution and the summaries of your projects are public. The programme may close an account that breaks its policies.", source, "", ""},
}

// Versions gives every version of every policy.
func Versions() []Policy { return append([]Policy(nil), versions...) }

// Current gives, of each policy, the version in force at that moment.
func Current(now time.Time) []Policy { return current(versions, now) }

// CurrentOf is the version of one policy in force at that moment; false when
// there is none.
func CurrentOf(policyID string, now time.Time) (Policy, bool) {
	return InForce(versions, policyID, now)
}

// InForce is, of all these versions, the one of a policy that is in force at that
// moment; false when there is none.
func InForce(all []Policy, policyID string, now time.Time) (Policy, bool) {
	for _, p := range current(all, now) {
		if p.ID == policyID {
			return p, true
		}
	}
	return Policy{}, false
}

// Change is what one version of a policy brought.
type Change struct {
	Version     string
	EffectiveAt time.Time
	// Says tells it in plain words.
	Says string
}

// Since lists what has changed in a policy between a version and the one in force
// at that moment, the oldest change first: nothing where that version is in
// force. A version that is not known, such as "" for none, counts as older than
// all.
func Since(all []Policy, policyID, version string, now time.Time) []Change {
	var known time.Time
	for _, p := range all {
		if p.ID == policyID && p.Version == version {
			known = p.EffectiveAt
		}
	}
	inForce, _ := InForce(all, policyID, now)
	var list []Change
	for _, p := range all {
		if p.ID == policyID && p.EffectiveAt.After(known) && !p.EffectiveAt.After(inForce.EffectiveAt) {
			list = append(list, Change{p.Version, p.EffectiveAt, p.Changes})
		}
	}
	slices.SortStableFunc(list, func(a, b Change) int { return a.EffectiveAt.Compare(b.EffectiveAt) })
	return list
}

// Signable reports whether a version of a policy may be signed at that moment:
// the one in force, or a later one that is known already, so that nobody has to
// lose access on the day when it takes effect.
func Signable(all []Policy, policyID, version string, now time.Time) bool {
	var inForce time.Time
	for _, p := range current(all, now) {
		if p.ID == policyID {
			inForce = p.EffectiveAt
		}
	}
	for _, p := range all {
		if p.ID == policyID && p.Version == version {
			return !inForce.IsZero() && !p.EffectiveAt.Before(inForce)
		}
	}
	return false
}

// Lapse is when a signature under a policy ceases to count because a later
// version takes effect; zero where no later version is known. A signature that
// names no known version is judged by its date: it is one of the version in
// force then.
func Lapse(all []Policy, policyID, version string, signedAt time.Time) time.Time {
	var since, first time.Time
	for _, p := range all {
		if p.ID != policyID {
			continue
		}
		if first.IsZero() || p.EffectiveAt.Before(first) {
			first = p.EffectiveAt
		}
		if p.Version == version {
			since = p.EffectiveAt
		}
	}
	if since.IsZero() {
		since = signedAt
		if since.Before(first) {
			since = first // the first version makes nothing older lapse
		}
	}
	var lapse time.Time
	for _, p := range all {
		if p.ID == policyID && p.EffectiveAt.After(since) && (lapse.IsZero() || p.EffectiveAt.Before(lapse)) {
			lapse = p.EffectiveAt
		}
	}
	return lapse
}

func current(all []Policy, now time.Time) []Policy {
	var list []Policy
	place := map[string]int{}
	for _, p := range all {
		if now.Before(p.EffectiveAt) {
			continue
		}
		i, seen := place[p.ID]
		switch {
		case !seen:
			place[p.ID] = len(list)
			list = append(list, p)
		case p.EffectiveAt.After(list[i].EffectiveAt):
			list[i] = p
		}
	}
	return list
}
