package billing

import (
	"context"
	"maps"
	"slices"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/session"
)

type room struct{ deps }

// amount is money on the wire: decimal text, so that no reader makes a float of it.
type amount struct {
	Value    string `json:"value" doc:"The exact decimal amount." example:"12.50" pattern:"^[0-9]{1,18}([.][0-9]{1,18})?$"`
	Currency string `json:"currency" doc:"The ISO 4217 code." example:"USD" pattern:"^[A-Z]{3}$"`
}

func wire(a money.Amount) amount { return amount{a.Decimal(), a.Currency()} }

type creditsOut struct {
	Body struct {
		Limit     amount    `json:"limit" doc:"What may be spent in all."`
		Spent     amount    `json:"spent" doc:"What has been settled."`
		Held      amount    `json:"held" doc:"What running jobs keep back."`
		Left      amount    `json:"left" doc:"What a new job may cost; nothing once the credits have ended."`
		ExpiresAt time.Time `json:"expiresAt" doc:"When the credits end."`
		Expired   bool      `json:"expired"`
		Note      string    `json:"note,omitempty" doc:"In plain words, why nothing is left."`
	}
}

func (r room) standing(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/credits", ID: "getCredits", Rule: access.Enabled(), Access: api.SecondFactor,
		Summary: "How the caller's credits stand"},
		func(ctx context.Context, _ *struct{}) (*creditsOut, error) {
			p := session.Must(ctx)
			if _, err := r.gate.Caller(ctx, p); err != nil {
				return nil, err
			}
			st, err := r.credits.Standing(ctx, p.UID)
			if err != nil {
				return nil, err
			}
			if st.Expired {
				if st.Left, err = money.Parse("0", st.Limit.Currency()); err != nil {
					return nil, fault.Wrap("billing.credits", err)
				}
			}
			out := &creditsOut{}
			out.Body.Limit, out.Body.Spent, out.Body.Held, out.Body.Left = wire(st.Limit), wire(st.Spent), wire(st.Held), wire(st.Left)
			out.Body.ExpiresAt, out.Body.Expired = st.ExpiresAt, st.Expired
			if st.Expired {
				out.Body.Note = "The credits ended on " + st.ExpiresAt.Format(time.DateOnly) + ". Attach a billing account to go on."
			}
			return out, nil
		})
}

// total is what one member spent on one kind.
type total struct {
	MemberUID string `json:"memberUid"`
	Kind      string `json:"kind" enum:"query,storage,compute"`
	Amount    amount `json:"amount"`
}

type spent struct {
	ID        string    `json:"id" doc:"What was paid for, such as a run."`
	MemberUID string    `json:"memberUid" doc:"Who caused it."`
	Kind      string    `json:"kind" enum:"query,storage,compute"`
	Amount    amount    `json:"amount"`
	At        time.Time `json:"at"`
}

type spendIn struct {
	api.PageIn
	Workspace string `path:"workspace" maxLength:"40"`
}

type spendOut struct {
	Body struct {
		Totals []total `json:"totals" doc:"All that the workspace has spent, by member and kind."`
		api.Page[spent]
	}
}

func (r room) spend(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/spend", ID: "getSpend", Rule: access.MemberOf(access.Read), Access: api.SecondFactor,
		Summary:     "What a workspace has cost",
		Description: "Every member sees it. Credits are the owner's, whoever caused the cost."},
		func(ctx context.Context, in *spendIn) (*spendOut, error) {
			if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
				return nil, err
			}
			sum, err := r.credits.Total(ctx, in.Workspace)
			if err != nil {
				return nil, err
			}
			list, next, err := r.credits.Spends(ctx, in.Workspace, in.Limit, in.Cursor)
			if err != nil {
				return nil, err
			}
			out := &spendOut{}
			out.Body.Next = next
			if out.Body.Totals, err = totals(sum); err != nil {
				return nil, err
			}
			out.Body.Items = make([]spent, 0, len(list))
			for _, sp := range list {
				m, err := money.Parse(sp.Amount, sp.Currency)
				if err != nil {
					return nil, fault.Wrap("billing.spend", err)
				}
				out.Body.Items = append(out.Body.Items, spent{sp.ID, sp.MemberUID, sp.Kind, wire(m), sp.At})
			}
			return out, nil
		})
}

// totals flattens a workspace's total, in the order of members and kinds.
func totals(t credits.Total) ([]total, error) {
	list := []total{}
	for _, uid := range slices.Sorted(maps.Keys(t.Members)) {
		for _, kind := range slices.Sorted(maps.Keys(t.Members[uid])) {
			m, err := money.Parse(t.Members[uid][kind], t.Currency)
			if err != nil {
				return nil, fault.Wrap("billing.totals", err)
			}
			list = append(list, total{uid, kind, wire(m)})
		}
	}
	return list, nil
}

// alert is one crossed threshold.
type alert struct {
	ID            string    `json:"id"`
	Basis         string    `json:"basis" enum:"actual,forecast" doc:"Cost so far, or expected by the interval's end."`
	Threshold     int       `json:"threshold" doc:"The part of the budget that was crossed, in percent."`
	IntervalStart time.Time `json:"intervalStart"`
	Cost          amount    `json:"cost" doc:"The cost that the notification reported; negative where refunds exceed costs."`
	Budget        amount    `json:"budget"`
	Notified      bool      `json:"notified" doc:"False where the mail was about a higher threshold crossed at the same moment."`
	At            time.Time `json:"at"`
}

type alertsOut struct {
	Body api.Page[alert]
}

func (r room) alerts(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/alerts", ID: "listAlerts", Rule: access.MemberOf(access.Read), Access: api.SecondFactor,
		Summary: "The budget alerts of a workspace, the latest interval first"},
		func(ctx context.Context, in *spendIn) (*alertsOut, error) {
			if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
				return nil, err
			}
			list, next, err := firestorex.Newest[budget.Alert](ctx, r.budgets.alertsOf(in.Workspace), in.Limit, in.Cursor)
			if err != nil {
				return nil, err
			}
			out := &alertsOut{}
			out.Body.Next = next
			out.Body.Items = make([]alert, 0, len(list))
			for _, al := range list {
				out.Body.Items = append(out.Body.Items, alert{al.ID, string(al.Threshold.Basis), al.Threshold.Percent, al.IntervalStart,
					amount{al.Cost, al.Currency}, amount{al.Amount, al.Currency}, al.Notified, al.At})
			}
			return out, nil
		})
}
