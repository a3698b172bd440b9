package cohort

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"
	"google.golang.org/api/googleapi"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
)

func (r room) materialiseRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/materialise", ID: "materialiseCohort", Rule: access.MemberOf(access.Run), Summary: "Write a cohort into the workspace's data set", Access: api.SecondFactor,
		Description: "A table of OHDSI's COHORT form in the workspace's own BigQuery data set, one per cohort; cohort_definition_id is the version. It is replaced as a whole or not at all. Send the run of an answer that was lost to get it again without running twice."}, r.materialise)
}

type materialiseIn struct {
	CohortIn
	Body struct {
		Run string `json:"run,omitempty" maxLength:"40" doc:"The identifier of a run that the caller made up (run_ and a ULID): the same one again joins the first."`
	}
}

type materialiseOut struct {
	Body struct {
		PaidOut
		Run   string `json:"run"`
		Table string `json:"table" doc:"project.dataset.table"`
		Rows  uint64 `json:"rows" doc:"Periods; row-level data of the workspace."`
	}
}

func (r room) materialise(ctx context.Context, in *materialiseIn) (*materialiseOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort, in.Version, "materialise")
	if err != nil {
		return nil, err
	}
	if in.Body.Run != "" {
		if id.Check(id.Run, in.Body.Run) != nil {
			return nil, fault.InvalidFields(fault.Field{Path: "body.run", Message: "an identifier of the form run_<26 characters> is expected"})
		}
		// The caller's word for a run is theirs, this cohort's and this version's alone:
		// it cannot name, nor pay with, a run of anybody else.
		c.order.ID = id.Derived(id.Run, c.record.CreatedAt, strings.Join([]string{in.Body.Run, c.order.MemberUID, c.record.WorkspaceID, answerKey("materialise", c.whole, c.data), c.record.ID}, "\n"))
	}
	table := r.desk.BigQuery.Dataset(dataset.OfWorkspace(c.record.WorkspaceID)).Table(dataset.CohortTable(c.record.ID))
	if err := r.ensureDataset(ctx, c.record.WorkspaceID); err != nil {
		return nil, err
	}
	q := question{name: "materialise", statement: func(o circe.Options) (statement.Statement, error) {
		f, err := c.whole.Fragment(o)
		st := statement.Statement{SQL: "WITH " + f.With + "\nSELECT @version AS cohort_definition_id, subject_id, cohort_start_date, cohort_end_date\nFROM (\n" + f.Select + "\n)",
			Params: append(append([]statement.Param{}, f.Params...), statement.IntParam("version", int64(c.record.Version)))}
		return st, err
	}, into: table}
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		return audit.Add(tx, r.client, audit.Entry{At: r.clock.Now(), Actor: session.Must(ctx).UID, Act: "cohort.materialised",
			Target: access.Workspaces + "/" + c.record.WorkspaceID + "/" + cohorts + "/" + c.record.ID, After: "run " + c.order.ID})
	})
	if err != nil {
		return nil, firestorex.Fault("cohort.materialise", err)
	}
	n, err := r.asked(ctx, c, q, nil)
	if settled := fault.Is(err, fault.Conflict) && in.Body.Run != ""; settled {
		// This run has ended and is paid for: its table is there.
		n.cost, err = r.desk.Cost(0)
	}
	if err != nil {
		return nil, err
	}
	meta, err := table.Metadata(ctx)
	if err != nil {
		return nil, bigqueryx.Fault("cohort.table", err)
	}
	out := &materialiseOut{}
	out.Body.PaidOut, out.Body.Run, out.Body.Rows = c.paid(false, n), c.order.ID, meta.NumRows
	out.Body.Table = table.ProjectID + "." + table.DatasetID + "." + table.TableID
	return out, nil
}

// ensureDataset makes the workspace's data set where there is none yet.
func (r room) ensureDataset(ctx context.Context, workspace string) error {
	err := r.desk.BigQuery.Dataset(dataset.OfWorkspace(workspace)).Create(ctx, &bigquery.DatasetMetadata{Location: r.desk.Rules.Location,
		Labels: map[string]string{"workspace": bigqueryx.Label(workspace)}})
	var already *googleapi.Error
	if errors.As(err, &already) && already.Code == http.StatusConflict {
		return nil
	}
	return bigqueryx.Fault("cohort.dataset", err)
}

// dropTable removes a deleted cohort's table, where it was materialised. If that
// fails, or the process dies before, the table stays the workspace's until the
// workspace goes: its rows are no secret to those who can read it.
func (r room) dropTable(ctx context.Context, workspace, cohortID string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	err := r.desk.BigQuery.Dataset(dataset.OfWorkspace(workspace)).Table(dataset.CohortTable(cohortID)).Delete(ctx)
	if f := bigqueryx.Fault("cohort.table", err); f != nil && !fault.Is(f, fault.NotFound) {
		r.log.WarnContext(ctx, "a deleted cohort's table stays", "cohort", cohortID, "error", f.Error())
	}
}
