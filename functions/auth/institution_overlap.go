package auth

import (
	"fmt"
	"slices"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
)

// valuesPerQuery is how many values Firestore compares in one array-contains-any.
const valuesPerQuery = 30

// unclaimed refuses, inside the transaction that stores an institution, domains
// and addresses that another one lists for any tier: else it would be chance
// whose rules an address has. The fields are those of the list as it is kept.
func (s *service) unclaimed(tx *firestore.Transaction, inst access.Institution) error {
	var f form
	for _, tier := range ruleTiers {
		list := inst.Rules[string(tier)].List
		for from := 0; from < len(list); from += valuesPerQuery {
			some := list[from:min(from+valuesPerQuery, len(list))]
			others, err := s.listing(tx, some)
			if err != nil {
				return err
			}
			for i, entry := range some {
				if slices.ContainsFunc(others, func(o access.Institution) bool { return o.ID != inst.ID && lists(o, entry) }) {
					f.Say(fmt.Sprintf("body.rules.%s.list[%d]", tier, from+i), "Another institution lists this already.")
				}
			}
		}
	}
	return f.Err()
}

func lists(i access.Institution, entry string) bool {
	for _, r := range i.Rules {
		if slices.Contains(r.List, entry) {
			return true
		}
	}
	return false
}

// listing reads the institutions that list any of these, for any tier.
func (s *service) listing(tx *firestore.Transaction, entries []string) ([]access.Institution, error) {
	var found []access.Institution
	for _, tier := range ruleTiers {
		q := s.gate.Client.Collection(access.Institutions).Where("rules."+string(tier)+".list", "array-contains-any", entries).Limit(2 * valuesPerQuery)
		snaps, err := tx.Documents(q).GetAll()
		if err != nil {
			return nil, err
		}
		for _, snap := range snaps {
			var i access.Institution
			if err := snap.DataTo(&i); err != nil {
				return nil, fault.Wrap("institutions", err)
			}
			found = append(found, i)
		}
	}
	return found, nil
}
