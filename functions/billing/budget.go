package billing

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/session"
)

type budgetView struct {
	BillingAccountID string    `json:"billingAccountId"`
	BudgetID         string    `json:"budgetId"`
	Amount           amount    `json:"amount"`
	SetBy            string    `json:"setBy" doc:"The uid of who mapped it."`
	SetAt            time.Time `json:"setAt"`
}

type budgetOut struct {
	ETag string `header:"ETag"`
	Body budgetView
}

type getBudgetIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
}

type putBudgetIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	IfMatch   string `header:"If-Match" maxLength:"64" doc:"The etag of the budget that this replaces; left out for the first."`
	Body      struct {
		BillingAccountID string `json:"billingAccountId" maxLength:"20" doc:"Three groups of six digits and letters." example:"012345-6789AB-CDEF01"`
		BudgetID         string `json:"budgetId" maxLength:"64" doc:"The budget's identifier, a UUID." example:"de72f49d-779b-4945-a127-4d6ce8def0bb"`
		Amount           amount `json:"amount"`
	}
}

func (r room) budget(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/budget", ID: "getBudget", Rule: access.MemberOf(access.Read), Access: api.SecondFactor,
		Summary: "The Cloud Billing budget that watches a workspace"},
		func(ctx context.Context, in *getBudgetIn) (*budgetOut, error) {
			if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
				return nil, err
			}
			return answer(r.budgets.of(ctx, in.Workspace))
		})
	api.Handle(a, api.Operation{Method: "PUT", Path: "/v1/workspaces/{workspace}/budget", ID: "putBudget", Rule: access.MemberOf(access.Manage), Access: api.SecondFactor,
		Summary:     "Map a Cloud Billing budget to a workspace",
		Description: "Its notifications then raise the workspace's alerts. A budget watches one workspace; a workspace has one budget."},
		func(ctx context.Context, in *putBudgetIn) (*budgetOut, error) {
			p := session.Must(ctx)
			if _, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Manage); err != nil {
				return nil, err
			}
			b, err := in.budget()
			if err != nil {
				return nil, err
			}
			b.SetBy, b.SetAt = p.UID, r.clock.Now()
			return answer(r.budgets.put(ctx, b, in.IfMatch))
		})
}

// budget checks what was sent. The amount is above zero: no part of nothing can be crossed.
func (in *putBudgetIn) budget() (budget.Budget, error) {
	name, err := budget.Name(in.Body.BillingAccountID, in.Body.BudgetID)
	if err != nil {
		return budget.Budget{}, fault.Because(fault.Invalid, err, "Not a budget of Cloud Billing: %s.", err.Error())
	}
	m, err := money.Parse(in.Body.Amount.Value, in.Body.Amount.Currency)
	if err != nil || !m.Value().IsPositive() {
		return budget.Budget{}, fault.InvalidFields(fault.Field{Path: "body.amount", Message: "expected a decimal amount above zero"})
	}
	return budget.Budget{ID: name, BillingAccountID: in.Body.BillingAccountID, BudgetID: in.Body.BudgetID,
		WorkspaceID: in.Workspace, Amount: m.Value().String(), Currency: m.Currency(), SchemaVersion: 1}, nil
}

func answer(b budget.Budget, etag string, err error) (*budgetOut, error) {
	if err != nil {
		return nil, err
	}
	m, err := money.Parse(b.Amount, b.Currency)
	if err != nil {
		return nil, fault.Wrap("billing.budget", err)
	}
	return &budgetOut{ETag: etag, Body: budgetView{b.BillingAccountID, b.BudgetID, wire(m), b.SetBy, b.SetAt}}, nil
}
