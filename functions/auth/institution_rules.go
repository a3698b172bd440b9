package auth

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"

	"researchhub.example/hub/shared/access"
)

// The kinds of an institution, and of its rule for a tier.
var (
	institutionKinds = []string{"academic", "educational", "healthCenter", "industry", "government", "nonProfit", "other"}
	ruleKinds        = []string{ruleDomains, ruleAddresses, ruleNone}
	ruleTiers        = []access.Tier{access.Registered, access.Controlled}
)

const (
	ruleDomains   = "domains"
	ruleAddresses = "addresses"
	ruleNone      = "none"
)

// ruleMax bounds the domains or addresses of one rule.
const ruleMax = 1000

// ruleBody is an institution's rule for one tier as it is sent and shown.
type ruleBody struct {
	Kind string   `json:"kind" maxLength:"20" doc:"domains: all addresses at the listed domains; addresses: the listed ones; none: nobody."`
	List []string `json:"list" maxItems:"1000" doc:"The domains or addresses, whole: a sub-domain counts only where it is listed. International domains in Punycode."`
}

// rules checks an institution's rules whole and gives them as they are kept: in
// lower case, each entry once, sorted. A tier that is not named is for nobody.
func (f *form) rules(path string, in map[string]ruleBody) map[string]access.TierRule {
	for tier := range in {
		if !slices.Contains(ruleTiers, access.Tier(tier)) {
			f.Say(path, "Name the tiers registered and controlled only.")
			break
		}
	}
	kept := map[string]access.TierRule{}
	for _, tier := range ruleTiers {
		r, ok := in[string(tier)]
		if !ok {
			r.Kind = ruleNone
		}
		kept[string(tier)] = f.rule(path+"."+string(tier), r)
	}
	return kept
}

func (f *form) rule(path string, r ruleBody) access.TierRule {
	kept := access.TierRule{Kind: r.Kind, List: []string{}}
	switch {
	case !slices.Contains(ruleKinds, r.Kind):
		f.Say(path+".kind", "Choose domains, addresses or none.")
		return kept
	case r.Kind == ruleNone && len(r.List) > 0:
		f.Say(path+".list", "Leave the list empty: the rule is none.")
	case r.Kind != ruleNone && len(r.List) == 0:
		f.Say(path+".list", "List at least one, or choose none.")
	case len(r.List) > ruleMax:
		f.Say(path+".list", "List at most %d.", ruleMax)
		return kept
	}
	for i, entry := range r.List {
		at := fmt.Sprintf("%s.list[%d]", path, i)
		if r.Kind == ruleAddresses {
			entry = f.address(at, entry)
		} else {
			entry = f.domain(at, entry)
		}
		kept.List = append(kept.List, entry)
	}
	slices.Sort(kept.List)
	kept.List = slices.Compact(kept.List)
	return kept
}

// domain checks a domain that an institution may stand for: a whole name of its
// own, in ASCII, and none under which anybody may register.
func (f *form) domain(path, s string) string {
	s = strings.TrimSpace(s)
	foreign := strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	s = strings.ToLower(s)
	switch {
	case foreign:
		f.Say(path, "Write international domains in Punycode (xn--...), so that no look-alike letter passes.")
	case strings.ContainsAny(s, "*@"):
		f.Say(path, "Name each domain whole, without '*' and '@': sub-domains count where they are listed.")
	case len(s) > 253 || !domainForm.MatchString(s):
		f.Say(path, "Give a domain such as university.example.")
	default:
		// The one above it must exist: else it is a public suffix, such as co.uk.
		if _, err := publicsuffix.EffectiveTLDPlusOne(s); err != nil {
			f.Say(path, "Anybody can register below this domain: name the institution's own.")
		}
	}
	return s
}

// rulesSummary tells rules in the audit log; long lists are counted.
func rulesSummary(rules map[string]access.TierRule) string {
	const shown = 20
	var parts []string
	for _, tier := range ruleTiers {
		r := rules[string(tier)]
		list := r.List
		more := ""
		if len(list) > shown {
			list, more = list[:shown], fmt.Sprintf(" and %d more", len(r.List)-shown)
		}
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s %s%s", tier, r.Kind, strings.Join(list, " "), more)))
	}
	return strings.Join(parts, "; ")
}
