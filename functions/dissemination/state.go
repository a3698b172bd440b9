package dissemination

import "researchhub.example/hub/shared/fault"

// State is where a report stands.
type State string

// The states of a report.
const (
	Draft        State = "draft"
	Submitted    State = "submitted"
	ChangesAsked State = "changesAsked"
	Cleared      State = "cleared"
	Published    State = "published"
	Deposited    State = "deposited"
	Withdrawn    State = "withdrawn"
)

// act is what somebody does to a report.
type act string

// The acts. Those after withdraw are a later version's.
const (
	edit       act = "edit"
	submit     act = "submit"
	withdraw   act = "withdraw"
	askChanges act = "askChanges"
	clearIt    act = "clear"
	publish    act = "publish"
	deposit    act = "deposit"
)

// transitions say which act leads from which state to which.
var transitions = map[act]map[State]State{
	edit:       {Draft: Draft, ChangesAsked: ChangesAsked},
	submit:     {Draft: Submitted, ChangesAsked: Submitted},
	withdraw:   {Draft: Withdrawn, Submitted: Withdrawn, ChangesAsked: Withdrawn, Cleared: Withdrawn},
	askChanges: {Submitted: ChangesAsked},
	clearIt:    {Submitted: Cleared},
	publish:    {Cleared: Published},
	deposit:    {Published: Deposited},
}

// inWords are the acts for people.
var inWords = map[act]string{
	edit: "changed", submit: "submitted", withdraw: "withdrawn", askChanges: "sent back", clearIt: "cleared", publish: "published", deposit: "deposited",
}

// next is the state that an act leads to, or fault.Conflict.
func next(from State, a act) (State, error) {
	to, ok := transitions[a][from]
	if !ok {
		return from, fault.New(fault.Conflict, "A report that is %s cannot be %s.", from, inWords[a])
	}
	return to, nil
}
