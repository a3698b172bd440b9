package cohort

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
)

func (r room) vocabularyRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/vocabulary", ID: "searchVocabulary", Rule: access.AtTier(access.Registered), Summary: "Search concepts", Access: api.SecondFactor,
		Description: "By words of the name, by code, or by concept id. Those that most participants have come first; counts are rounded as for the public."}, r.search)
}

type searchIn struct {
	Release string `query:"release" required:"true" minLength:"1" maxLength:"64" doc:"The data release."`
	Query   string `query:"query" required:"true" minLength:"2" maxLength:"100" doc:"Words of the name, a code, or a concept id."`
	Domain  string `query:"domain" maxLength:"20" doc:"Only concepts of this domain, such as Condition."`
	api.PageIn
}

type searchOut struct{ Body api.Page[concept] }

// offset is how many concepts come before the page: a search's cursor is that
// number, because its order is that of counts and not of identifiers.
func (in searchIn) offset() (int, error) {
	if in.Cursor == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(in.Cursor)
	if err != nil || n < 0 || n > maxOffset {
		return 0, fault.New(fault.Invalid, "The cursor is not one that this list gave.")
	}
	return n, nil
}

type concept struct {
	ID           int64            `json:"id"`
	Name         string           `json:"name"`
	Domain       string           `json:"domain"`
	Vocabulary   string           `json:"vocabulary"`
	Class        string           `json:"class,omitempty"`
	Code         string           `json:"code,omitempty"`
	Standard     bool             `json:"standard"`
	Participants disclosure.Count `json:"participants" doc:"Persons with the concept or one below it, rounded as for the public."`
}

// search reads the release's concept index as the caller's tier may see it. The
// hub pays, so a search is capped.
func (r room) search(ctx context.Context, in *searchIn) (*searchOut, error) {
	p := session.Must(ctx)
	tier, err := r.gate.Tier(ctx, p.UID)
	if err != nil {
		return nil, err
	}
	if !tier.Covers(access.Registered) {
		return nil, fault.New(fault.Denied, "The vocabulary needs the registered tier. Your access is %s: see what is missing under your account.", tier)
	}
	data, err := r.releases.Get(ctx, in.Release, tier)
	if err != nil && tier == access.Controlled && fault.Is(err, fault.NotFound) {
		data, err = r.releases.Get(ctx, in.Release, access.Registered)
	}
	if err != nil {
		return nil, err
	}
	words := strings.Fields(in.Query)
	if len(words) > maxWords {
		return nil, fault.InvalidFields(fault.Field{Path: "query.query", Message: "at most " + strconv.Itoa(maxWords) + " words are searched for"})
	}
	offset, err := in.offset()
	if err != nil {
		return nil, err
	}
	order := metered.Order{ID: id.New(id.Request, r.clock.Now()), MemberUID: p.UID, Purpose: "vocabulary"}
	job, err := bigqueryx.Run(ctx, r.desk.BigQuery, r.desk.Job(order, order.ID, searchStatement(data.Dataset, *in, words, offset, max(1, r.policy.PublicMultiple)), r.vocabularyMax))
	if err != nil {
		return nil, err
	}
	out := &searchOut{}
	if out.Body.Items, err = r.concepts(ctx, job); err != nil {
		return nil, err
	}
	if len(out.Body.Items) > in.Limit {
		out.Body.Items = out.Body.Items[:in.Limit]
		if offset+in.Limit <= maxOffset {
			out.Body.Next = strconv.Itoa(offset + in.Limit)
		}
	}
	return out, nil
}

const (
	maxWords  = 8
	maxOffset = 1000
)

// searchStatement finds concepts whose name holds every word, or whose code or
// id is the text. They are ordered by their counts as shown, so that the order
// tells nothing of the true ones. One row more than the page tells whether there is a next one.
func searchStatement(data omop.Dataset, in searchIn, words []string, offset int, multiple int64) statement.Statement {
	st := statement.Statement{Params: []statement.Param{statement.TextParam("text", strings.ToLower(strings.TrimSpace(in.Query))), statement.IntParam("multiple", multiple)}}
	var match []string
	for i, w := range words {
		name := "w" + strconv.Itoa(i)
		match = append(match, "STRPOS(LOWER(c.concept_name), @"+name+") > 0")
		st.Params = append(st.Params, statement.TextParam(name, strings.ToLower(w)))
	}
	where := "(" + strings.Join(match, " AND ") + ")\n  OR LOWER(c.concept_code) = @text"
	if n, err := strconv.ParseInt(strings.TrimSpace(in.Query), 10, 64); err == nil {
		where += "\n  OR c.concept_id = @id"
		st.Params = append(st.Params, statement.IntParam("id", n))
	}
	where = "(" + where + ")"
	if in.Domain != "" {
		where += "\n  AND c.domain_id = @domain"
		st.Params = append(st.Params, statement.TextParam("domain", in.Domain))
	}
	// LIMIT takes numbers only; both are checked.
	st.SQL = "SELECT c.concept_id, c.concept_name, c.domain_id, c.vocabulary_id, c.concept_class_id, c.concept_code, c.standard_concept, c.persons_with_descendants\n" +
		"FROM " + data.Table("hub_concept") + " AS c\nWHERE " + where +
		"\nORDER BY LOWER(c.concept_name) = @text DESC, DIV(c.persons_with_descendants + @multiple - 1, @multiple) DESC, c.concept_id\nLIMIT " +
		strconv.Itoa(in.Limit+1) + " OFFSET " + strconv.Itoa(offset)
	return st
}

// row is one concept of the index.
type row struct {
	ID         int64               `bigquery:"concept_id"`
	Name       string              `bigquery:"concept_name"`
	Domain     string              `bigquery:"domain_id"`
	Vocabulary string              `bigquery:"vocabulary_id"`
	Class      bigquery.NullString `bigquery:"concept_class_id"`
	Code       bigquery.NullString `bigquery:"concept_code"`
	Standard   bigquery.NullString `bigquery:"standard_concept"`
	Persons    int64               `bigquery:"persons_with_descendants"`
}

func (r room) concepts(ctx context.Context, job *bigquery.Job) ([]concept, error) {
	it, err := job.Read(ctx)
	if err != nil {
		return nil, bigqueryx.Fault("vocabulary.read", err)
	}
	list := []concept{}
	for {
		var c row
		switch err := it.Next(&c); {
		case errors.Is(err, iterator.Done):
			return list, nil
		case err != nil:
			return nil, bigqueryx.Fault("vocabulary.read", err)
		}
		list = append(list, concept{c.ID, c.Name, c.Domain, c.Vocabulary, c.Class.StringVal, c.Code.StringVal, c.Standard.StringVal == "S", r.policy.ShowPublic(c.Persons)})
	}
}
