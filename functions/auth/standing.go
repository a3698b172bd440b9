package auth

import (
	"researchhub.example/hub/shared/session"
)

// standing refuses a session that was ended after its request was let in. It is
// asked in the transaction of what changes the account's factors, ahead of its
// writes: a sign-out and such an act cannot pass each other, so that whoever was
// put out adds no factor, takes none away and reads no new recovery codes.
func (s *service) standing(c *change, p session.Principal) error {
	r, err := s.gate.Sessions().Read(c.tx, p.UID)
	if err != nil {
		return err
	}
	return r.Hold(p, session.Device{}, s.gate.SessionTime().Now())
}
