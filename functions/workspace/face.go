package workspace

import (
	"errors"
	"reflect"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/project"
)

// planFace reads what a change does to the public face of a workspace and gives
// what writes it. A hidden workspace has none.
func (s *service) planFace(tx *firestore.Transaction, before, after access.Workspace) (write, error) {
	ref := s.gate.Client.Collection(project.Collection).Doc(after.ID)
	kept := before.Shown() && before.OwnerUID == after.OwnerUID
	switch {
	case !after.Shown() && !before.Shown():
		return nothing, nil
	case !after.Shown():
		removal := s.gate.Client.Collection(project.Removals).Doc(after.ID)
		return func(tx *firestore.Transaction) error {
			return errors.Join(tx.Delete(ref), tx.Set(removal, project.Removed(after.ID, after.UpdatedAt)))
		}, nil
	case kept && before.Name == after.Name && before.State == after.State && reflect.DeepEqual(before.Purpose, after.Purpose):
		return nothing, nil
	}
	var owner, institution string
	found := false
	if kept {
		// Whoever answers for the project is named as before.
		snap, err := tx.Get(ref)
		var face project.Project
		if face, found, err = firestorex.Decode[project.Project]("face", snap, err); err != nil {
			return nil, err
		}
		owner, institution = face.OwnerName, face.Institution
	}
	if !found {
		account, err := s.account(tx, after.OwnerUID)
		if err != nil {
			return nil, err
		}
		owner = account.Name
		if institution, err = s.institution(tx, account.InstitutionID); err != nil {
			return nil, err
		}
	}
	face := project.Of(after, owner, institution)
	return func(tx *firestore.Transaction) error { return tx.Set(ref, face) }, nil
}

// account reads an account inside a transaction.
func (s *service) account(tx *firestore.Transaction, uid string) (access.Account, error) {
	var a access.Account
	snap, err := tx.Get(s.gate.Client.Collection(access.Accounts).Doc(uid))
	if err != nil {
		return a, err
	}
	err = snap.DataTo(&a)
	return a, fault.Wrap("account", err)
}

// institution gives the public name of an institution, "" where there is none.
func (s *service) institution(tx *firestore.Transaction, institutionID string) (string, error) {
	if institutionID == "" {
		return "", nil
	}
	snap, err := tx.Get(s.gate.Client.Collection(access.Institutions).Doc(institutionID))
	inst, _, err := firestorex.Decode[access.Institution]("institution", snap, err)
	return inst.Name, err
}
