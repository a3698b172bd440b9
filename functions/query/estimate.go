package query

import (
	"context"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/session"
)

func (r room) estimateRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/estimates", ID: "estimateQuery", Rule: access.MemberOf(access.Run),
		Summary: "What a query would cost", Access: api.SecondFactor,
		Description: "Nothing runs. SQL that is no single query over the workspace's own tables is refused with the position of what is wrong."}, r.estimate)
}

type estimateIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      source
}

type estimateOut struct {
	Body struct {
		Bytes   int64        `json:"bytes" doc:"What BigQuery would read, in bytes."`
		Cost    money.Amount `json:"cost" doc:"What that costs at most: BigQuery bills a minimum for every table."`
		Left    money.Amount `json:"left" doc:"What the workspace's owner has left."`
		Columns []column     `json:"columns" doc:"The columns of the result."`
	}
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type" doc:"The BigQuery type; a repeated one is ARRAY<…>."`
}

// columnsOf names a result's columns with their types as GoogleSQL writes them.
func columnsOf(s bigquery.Schema) []column {
	list := make([]column, len(s))
	for i, f := range s {
		list[i] = column{f.Name, typeName(f)}
	}
	return list
}

// typeNames are GoogleSQL's names where the API's differ.
var typeNames = map[bigquery.FieldType]string{bigquery.IntegerFieldType: "INT64", bigquery.FloatFieldType: "FLOAT64",
	bigquery.BooleanFieldType: "BOOL", bigquery.RecordFieldType: "STRUCT"}

func typeName(f *bigquery.FieldSchema) string {
	name, ok := typeNames[f.Type]
	if !ok {
		name = string(f.Type)
	}
	if f.Repeated {
		return "ARRAY<" + name + ">"
	}
	return name
}

func (r room) estimate(ctx context.Context, in *estimateIn) (*estimateOut, error) {
	w, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Run)
	if err != nil {
		return nil, err
	}
	r.reconcile(ctx, w.OwnerUID)
	p, err := r.prepare(ctx, w, in.Body)
	if err != nil {
		return nil, err
	}
	e, cost, err := r.priced(ctx, p)
	if err != nil {
		return nil, err
	}
	st, err := r.desk.Credits.Standing(ctx, w.OwnerUID)
	if err != nil {
		return nil, err
	}
	out := &estimateOut{}
	out.Body.Bytes, out.Body.Cost, out.Body.Left, out.Body.Columns = e.Bytes, cost, st.Left, columnsOf(e.Schema)
	return out, nil
}
