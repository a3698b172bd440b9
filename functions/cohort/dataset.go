package cohort

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
)

func (r room) dataSetRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/datasets", ID: "createDataSet", Rule: access.MemberOf(access.Edit), Summary: "Put a data set together", Access: api.SecondFactor,
		Description: "Cohorts × concepts × columns, compiled to one statement for the workspace's release and tier. Its concept sets are resolved now and stay as they are; that query is charged to the workspace's owner.",
		Status:      201}, r.createDataSet)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/datasets", ID: "listDataSets", Rule: access.MemberOf(access.Read), Summary: "A workspace's data sets, newest first", Access: api.SecondFactor}, r.listDataSets)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/datasets/{dataSet}", ID: "getDataSet", Rule: access.MemberOf(access.Read), Summary: "One data set with its SQL", Access: api.SecondFactor}, r.getDataSet)
}

type dataSetBody struct {
	Name       string          `json:"name" minLength:"1" maxLength:"80"`
	Cohorts    []string        `json:"cohorts" minItems:"1" maxItems:"10" doc:"Identifiers of cohorts of this workspace."`
	Domain     string          `json:"domain" enum:"person,condition,drug,measurement" doc:"What a row is."`
	ConceptSet json.RawMessage `json:"conceptSet,omitempty" doc:"A concept set's expression as ATLAS exports it, {items: […]}; without it every concept of the domain."`
	Columns    []string        `json:"columns,omitempty" maxItems:"50" doc:"Which columns, in order; all where left out."`
}

type createDataSetIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      dataSetBody
}

type dataSetOut struct{ Body dataSetView }

type dataSetView struct {
	ID                string               `json:"id"`
	Name              string               `json:"name"`
	Cohorts           []string             `json:"cohorts"`
	Domain            string               `json:"domain"`
	Columns           []string             `json:"columns"`
	Statement         *statement.Statement `json:"statement,omitempty" doc:"The SQL and its parameters; not in lists."`
	ReleaseID         string               `json:"releaseId"`
	VocabularyVersion string               `json:"vocabularyVersion"`
	Hash              string               `json:"definitionHash" doc:"SHA-256 over the cohorts, the concepts asked for and the columns."`
	CreatedBy         string               `json:"createdBy"`
	CreatedAt         time.Time            `json:"createdAt"`
}

func dataSetViewOf(d dataset.DataSet) dataSetView {
	return dataSetView{ID: d.ID, Name: d.Name, Cohorts: d.CohortIDs, Domain: d.Domain, Columns: d.Columns, ReleaseID: d.ReleaseID,
		VocabularyVersion: d.VocabularyVersion, Hash: d.DefinitionHash, CreatedBy: d.CreatedBy, CreatedAt: d.CreatedAt}
}

func (r room) createDataSet(ctx context.Context, in *createDataSetIn) (*dataSetOut, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Edit)
	if err != nil {
		return nil, err
	}
	plan, err := r.plan(ctx, w.ID, in.Body)
	if err != nil {
		return nil, err
	}
	// Before the resolving is paid for.
	if err := r.within(ctx, nil, w.ID, dataset.DataSets, r.bounds.DataSets, "data sets"); err != nil {
		return nil, err
	}
	data, err := r.releases.Of(ctx, w)
	if err != nil {
		return nil, err
	}
	now := r.clock.Now()
	d := dataset.DataSet{ID: id.New(id.DataSet, now), WorkspaceID: w.ID, Name: in.Body.Name, CohortIDs: in.Body.Cohorts, Domain: in.Body.Domain,
		ReleaseID: data.Release.ID, VocabularyVersion: data.Release.VocabularyVersion, DefinitionHash: plan.hash(in.Body), CreatedBy: p.UID, CreatedAt: now, SchemaVersion: 1}
	// Before the resolving is paid for, as far as it can be known without it.
	if d.Statement, err = plan.compile(data, nil); err != nil {
		return nil, err
	}
	if err := fits(d); err != nil {
		return nil, err
	}
	if len(plan.sets()) > 0 {
		// Resolving runs a query, which needs more than editing.
		if w, _, err = r.gate.Workspace(ctx, p, in.Workspace, access.Run); err != nil {
			return nil, err
		}
	}
	if err := r.useSets(ctx, w.ID, plan.sets()); err != nil {
		return nil, err
	}
	for _, c := range plan.records {
		// What the data set was made of stays as it is.
		if err := r.markRun(ctx, c); err != nil {
			return nil, err
		}
	}
	resolved, err := r.resolvePlan(ctx, plan, data,
		metered.Order{ID: d.ID, OwnerUID: w.OwnerUID, MemberUID: p.UID, WorkspaceID: w.ID, Purpose: "dataset"})
	if err != nil {
		return nil, err
	}
	if d.Statement, err = plan.compile(data, resolved); err != nil {
		return nil, err
	}
	for _, c := range plan.columns {
		d.Columns = append(d.Columns, c.name)
	}
	if err := fits(d); err != nil {
		return nil, err
	}
	err = r.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		if err := r.within(ctx, tx, w.ID, dataset.DataSets, r.bounds.DataSets, "data sets"); err != nil {
			return err
		}
		return tx.Create(r.collection(w.ID, dataset.DataSets).Doc(d.ID), d)
	})
	if err != nil {
		return nil, firestorex.Fault("dataset.add", err)
	}
	v := dataSetViewOf(d)
	v.Statement = &d.Statement
	return &dataSetOut{v}, nil
}

// plan is a data set before its concept sets are resolved.
type plan struct {
	records []record
	parsed  []*circe.Whole
	domain  domain
	columns []column
	// items are the concepts asked for; nil: every concept.
	items []circe.Item
}

func (r room) plan(ctx context.Context, workspace string, b dataSetBody) (plan, error) {
	p := plan{domain: domains[b.Domain]}
	var err error
	if p.columns, err = p.domain.choose(b.Columns); err != nil {
		return p, err
	}
	if len(b.ConceptSet) > 0 {
		if p.domain.table == "" {
			return p, fault.InvalidFields(fault.Field{Path: "body.conceptSet", Message: "the domain person takes no concept set"})
		}
		if p.items, err = circe.ParseItems(b.ConceptSet); err != nil {
			return p, err
		}
	}
	for i, name := range b.Cohorts {
		if slices.Contains(b.Cohorts[:i], name) {
			return p, fault.InvalidFields(fault.Field{Path: fmt.Sprintf("body.cohorts[%d]", i), Message: "the cohort is named twice"})
		}
		c, err := r.cohort(ctx, workspace, name)
		if err != nil {
			return p, err
		}
		d, err := r.whole(ctx, c)
		if err != nil {
			return p, err
		}
		p.records, p.parsed = append(p.records, c), append(p.parsed, d)
	}
	return p, nil
}

// setKey names a concept set among those of all cohorts; cohort is len(parsed)
// for the data set's own.
type setKey struct {
	cohort int
	id     int64
}

// sets numbers all concept sets, so that one statement resolves them.
func (p plan) sets() []circe.ConceptSet {
	var all []circe.ConceptSet
	for _, d := range p.parsed {
		for _, s := range d.ConceptSets() {
			s.ID = int64(len(all))
			all = append(all, s)
		}
	}
	if p.items != nil {
		all = append(all, circe.ConceptSet{ID: int64(len(all)), Items: p.items})
	}
	return all
}

func (p plan) keys() []setKey {
	var keys []setKey
	for i, d := range p.parsed {
		for _, s := range d.ConceptSets() {
			keys = append(keys, setKey{i, s.ID})
		}
	}
	return append(keys, setKey{len(p.parsed), 0})
}

func (r room) resolvePlan(ctx context.Context, p plan, data release.Data, o metered.Order) (map[int64][]int64, error) {
	sets := p.sets()
	if len(sets) == 0 {
		return nil, nil
	}
	asked, err := circe.Resolve(sets, data.Dataset)
	if err != nil {
		return nil, err
	}
	e, _, err := r.desk.Estimate(ctx, asked.Statements()...)
	if err != nil {
		return nil, err
	}
	most, err := r.desk.Cap(ctx, o.OwnerUID, e.Billable)
	if err != nil {
		return nil, err
	}
	if err := r.desk.Hold(ctx, o, most); err != nil {
		return nil, err
	}
	resolved, b, runErr := r.resolve(ctx, o, asked, most)
	_, err = r.settle(ctx, o, b)
	return resolved.Sets, errors.Join(runErr, err)
}

func (p plan) compile(data release.Data, resolved map[int64][]int64) (statement.Statement, error) {
	perCohort := make([]map[int64][]int64, len(p.parsed)+1)
	for i := range perCohort {
		perCohort[i] = map[int64][]int64{}
	}
	total := 0
	for number, k := range p.keys() {
		perCohort[k.cohort][k.id] = resolved[int64(number)]
		total += len(resolved[int64(number)])
	}
	if total > circe.MaxConcepts {
		return statement.Statement{}, fault.New(fault.TooLarge, "The concept sets hold %d concepts together; at most %d are accepted in one data set.", total, circe.MaxConcepts)
	}
	var members []member
	for i, d := range p.parsed {
		f, err := d.Fragment(circe.Options{Data: data.Dataset, Sets: perCohort[i], Prefix: fmt.Sprintf("c%dx", i)})
		if err != nil {
			return statement.Statement{}, err
		}
		members = append(members, member{p.records[i].ID, f})
	}
	var concepts *[]int64
	if p.items != nil {
		own := append([]int64{}, perCohort[len(p.parsed)][0]...)
		concepts = &own
	}
	return compile(data.Dataset, members, p.domain, p.columns, concepts), nil
}

// hash names what was asked for: the same on the same release gives the same rows.
func (p plan) hash(b dataSetBody) string {
	h := sha256.New()
	for i := range p.records {
		fmt.Fprintf(h, "cohort %s\n", p.parsed[i].Hash())
	}
	fmt.Fprintf(h, "domain %s\n", b.Domain)
	for _, i := range p.items {
		fmt.Fprintf(h, "concept %d %v %v %v\n", i.ConceptID, i.Excluded, i.Descendants, i.Mapped)
	}
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		names[i] = c.name
	}
	fmt.Fprintf(h, "columns %s\n", strings.Join(names, " "))
	return hex.EncodeToString(h.Sum(nil))
}

type dataSetList struct{ Body api.Page[dataSetView] }

func (r room) listDataSets(ctx context.Context, in *listIn) (*dataSetList, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	list, next, err := firestorex.NewestOfAll[dataset.DataSet](ctx, r.collection(in.Workspace, dataset.DataSets), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &dataSetList{api.Page[dataSetView]{Items: make([]dataSetView, len(list)), Next: next}}
	for i, d := range list {
		out.Body.Items[i] = dataSetViewOf(d)
	}
	return out, nil
}

type dataSetIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	DataSet   string `path:"dataSet" maxLength:"40"`
}

func (r room) getDataSet(ctx context.Context, in *dataSetIn) (*dataSetOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	d, err := r.dataSet(ctx, in.Workspace, in.DataSet)
	if err != nil {
		return nil, err
	}
	v := dataSetViewOf(d)
	v.Statement = &d.Statement
	return &dataSetOut{v}, nil
}
