package access

import "time"

// Profile is what researchers say about themselves and their work. It is theirs
// to change; no right hangs on it.
type Profile struct {
	// Affiliation is the organization and department, in their own words; the
	// institution whose rules count is matched by the e-mail address alone.
	Affiliation string `firestore:"affiliation"`
	// Role and Degrees are identifiers of the lists of package auth; the other
	// texts go with the choice "other".
	Role        string   `firestore:"role"`
	OtherRole   string   `firestore:"otherRole"`
	Degrees     []string `firestore:"degrees"`
	OtherDegree string   `firestore:"otherDegree"`
	// ResearchArea says what they work on.
	ResearchArea string `firestore:"researchArea"`
}

// Terms is the version of the terms of service that was accepted last.
type Terms struct {
	Version    string    `firestore:"version"`
	AcceptedAt time.Time `firestore:"acceptedAt"`
}
