package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// study: the cohort, its count, the data set, its rows in a notebook.
func study() []step {
	return []step{
		{"an OHDSI cohort definition is kept as it is", (*journey).savesCohort},
		{"a definition that is not valid is refused by path", (*journey).brokenCohort},
		{"the count's cost is shown first", (*journey).estimatesCount},
		{"the count is right, and disclosed by the rules", (*journey).countsCohort},
		{"the public sees rounded counts only", (*journey).browsesData},
		{"a data set is one statement, shown", (*journey).savesDataSet},
		{"SQL of one's own: read only, this release only", (*journey).sqlGate},
		{"the data set runs in BigQuery, capped", (*journey).runsDataSet},
		{"its rows come as CSV", (*journey).fetchesCSV},
		{"a Python notebook reads them", (*journey).runsNotebook},
		{"the run is on the owner's bill", (*journey).seesCredits},
	}
}

// definition is the journey's cohort as OHDSI's tools write it.
func (j *journey) definition() map[string]any {
	conceptSet := func(id int, name string, concept int64) map[string]any {
		return map[string]any{"id": id, "name": name, "expression": map[string]any{"items": []any{map[string]any{
			"concept": map[string]any{"CONCEPT_ID": concept}, "isExcluded": false, "includeDescendants": true, "includeMapped": false}}}}
	}
	return map[string]any{
		"ConceptSets": []any{conceptSet(0, "condition", j.study.condition), conceptSet(1, "drug", j.study.drug)},
		"PrimaryCriteria": map[string]any{
			"CriteriaList":         []any{map[string]any{"ConditionOccurrence": map[string]any{"CodesetId": 0}}},
			"ObservationWindow":    map[string]any{"PriorDays": 0, "PostDays": 0},
			"PrimaryCriteriaLimit": map[string]any{"Type": "All"},
		},
		"AdditionalCriteria": map[string]any{"Type": "ALL", "CriteriaList": []any{map[string]any{
			"Criteria": map[string]any{"DrugExposure": map[string]any{"CodesetId": 1}},
			"StartWindow": map[string]any{
				"Start": map[string]any{"Days": 0, "Coeff": -1}, "End": map[string]any{"Days": window, "Coeff": 1},
				"UseIndexEnd": false, "UseEventEnd": false},
			"Occurrence": map[string]any{"Type": 2, "Count": 1, "IsDistinct": false}}},
			"DemographicCriteriaList": []any{}, "Groups": []any{}},
		"QualifiedLimit":    map[string]any{"Type": "All"},
		"ExpressionLimit":   map[string]any{"Type": "All"},
		"InclusionRules":    []any{},
		"CensoringCriteria": []any{},
		"CollapseSettings":  map[string]any{"CollapseType": "ERA", "EraPad": 0},
		"CensorWindow":      map[string]any{},
		"cdmVersionRange":   ">=5.0.0",
	}
}

func (j *journey) path(room, rest string) string {
	return "/" + room + "/v1/workspaces/" + j.workspace + "/" + rest
}

func (j *journey) savesCohort() (string, error) {
	var saved struct {
		ID   string `json:"id"`
		Hash string `json:"definitionHash"`
	}
	body := map[string]any{"name": j.study.name, "definition": j.definition()}
	if _, err := j.want(http.StatusCreated, "POST", j.path("cohort", "cohorts"), j.researcher.token, body, &saved); err != nil {
		return "", err
	}
	j.cohort = saved.ID
	return j.study.name, nil
}

func (j *journey) brokenCohort() (string, error) {
	broken := j.definition()
	broken["PrimaryCriteria"].(map[string]any)["CriteriaList"] = []any{map[string]any{"ConditionOccurence": map[string]any{"CodesetId": 0}}}
	a, err := j.want(http.StatusUnprocessableEntity, "POST", j.path("cohort", "cohorts"), j.researcher.token,
		map[string]any{"name": "broken", "definition": broken}, nil)
	if err == nil && !strings.Contains(string(a.body), "PrimaryCriteria.CriteriaList[0]") {
		return "", fmt.Errorf("the answer does not name the place: %.400s", a.body)
	}
	return "PrimaryCriteria.CriteriaList[0]", err
}

// cost is an estimate as the functions give it.
type cost struct {
	Bytes int64 `json:"bytes"`
	Cost  struct {
		Value    string `json:"value"`
		Currency string `json:"currency"`
	} `json:"cost"`
}

func (c cost) check() error {
	if c.Bytes <= 0 || c.Cost.Currency != "USD" || c.Cost.Value == "" || strings.HasPrefix(c.Cost.Value, "-") {
		return fmt.Errorf("an estimate without bytes or cost: %+v", c)
	}
	return nil
}

func (c cost) String() string {
	return fmt.Sprintf("%d bytes, %s %s", c.Bytes, c.Cost.Value, c.Cost.Currency)
}

func (j *journey) estimatesCount() (string, error) {
	var e cost
	_, err := j.want(http.StatusOK, "POST", j.path("cohort", "cohorts/"+j.cohort+"/estimate"), j.researcher.token, nil, &e)
	return e.String(), errors.Join(err, e.check())
}

type count struct {
	Value  int64  `json:"value"`
	Hidden bool   `json:"hidden"`
	Text   string `json:"text"`
}

// countsCohort compares with the count made here from the files.
func (j *journey) countsCohort() (string, error) {
	var c struct {
		Persons count `json:"persons"`
	}
	if _, err := j.want(http.StatusOK, "POST", j.path("cohort", "cohorts/"+j.cohort+"/count"), j.researcher.token, nil, &c); err != nil {
		return "", err
	}
	want := count{int64(j.expected), false, fmt.Sprint(j.expected)}
	if j.expected >= 1 && j.expected <= 20 {
		want = count{20, true, "≤ 20"}
	}
	if c.Persons != want {
		return "", fmt.Errorf("got %+v, want %+v: the files hold %d such persons", c.Persons, want, j.expected)
	}
	return c.Persons.Text + " persons, as counted from the files", nil
}

func (j *journey) browsesData() (string, error) {
	var c struct {
		Name         string `json:"name"`
		Participants count  `json:"participantsWithDescendants"`
	}
	if _, err := j.want(http.StatusOK, "GET", fmt.Sprintf("/browser/v1/concepts/%d?release=%s", j.study.drug, j.release), "", nil, &c); err != nil {
		return "", err
	}
	if c.Participants.Value <= 0 || c.Participants.Value%20 != 0 {
		return "", fmt.Errorf("a public count that is no multiple of 20: %+v", c.Participants)
	}
	return c.Name + ": " + c.Participants.Text, nil
}

func (j *journey) savesDataSet() (string, error) {
	var saved struct {
		ID        string `json:"id"`
		Statement struct {
			SQL string `json:"sql"`
		} `json:"statement"`
	}
	body := map[string]any{"name": "Persons", "cohorts": []string{j.cohort}, "domain": "person"}
	if _, err := j.want(http.StatusCreated, "POST", j.path("cohort", "datasets"), j.researcher.token, body, &saved); err != nil {
		return "", err
	}
	if !strings.Contains(strings.ToUpper(saved.Statement.SQL), "SELECT") {
		return "", fmt.Errorf("the data set does not show its SQL")
	}
	j.dataSet = saved.ID
	return fmt.Sprintf("%d characters of SQL", len(saved.Statement.SQL)), nil
}

func (j *journey) sqlGate() (string, error) {
	for _, bad := range []string{
		"DELETE FROM person WHERE true",
		"SELECT * FROM `other-project.data.person`",
		"SELECT * FROM INFORMATION_SCHEMA.TABLES",
		"SELECT 1; DROP TABLE person",
		"SELECT person_id FROM persons",
	} {
		a, err := j.want(http.StatusUnprocessableEntity, "POST", j.path("query", "estimates"), j.researcher.token, map[string]any{"sql": bad}, nil)
		if err != nil {
			return "", fmt.Errorf("%s: %w", bad, err)
		}
		if !strings.Contains(string(a.body), "[1:") {
			return "", fmt.Errorf("%s: no position in %.300s", bad, a.body)
		}
	}
	var e cost
	_, err := j.want(http.StatusOK, "POST", j.path("query", "estimates"), j.researcher.token,
		map[string]any{"sql": "SELECT gender_concept_id, COUNT(*) AS n FROM person GROUP BY gender_concept_id"}, &e)
	return "5 refused with their position, 1 estimated", errors.Join(err, e.check())
}

type runState struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Problem string `json:"problem"`
	Rows    int    `json:"rows"`
	Cost    *struct {
		Value string `json:"value"`
	} `json:"cost"`
}

// costsNoMore checks that a run cost what was shown first, or less.
func (r runState) costsNoMore(shown cost) error {
	if r.Cost == nil {
		return errors.New("the run says no cost")
	}
	was, err := decimal.NewFromString(r.Cost.Value)
	if err != nil {
		return err
	}
	most, err := decimal.NewFromString(shown.Cost.Value)
	if err != nil {
		return err
	}
	if was.GreaterThan(most) || !was.IsPositive() {
		return fmt.Errorf("the run cost %s, and %s was shown first", was, most)
	}
	return nil
}

func (j *journey) runsDataSet() (string, error) {
	var e cost
	if _, err := j.want(http.StatusOK, "POST", j.path("query", "estimates"), j.researcher.token, map[string]any{"dataSetId": j.dataSet}, &e); err != nil {
		return "", err
	}
	body := map[string]any{"dataSetId": j.dataSet, "requestId": "journey-run-1"}
	var run, again runState
	if _, err := j.want(http.StatusAccepted, "POST", j.path("query", "runs"), j.researcher.token, body, &run); err != nil {
		return "", err
	}
	if _, err := j.want(http.StatusAccepted, "POST", j.path("query", "runs"), j.researcher.token, body, &again); err != nil {
		return "", err
	}
	if again.ID != run.ID {
		return "", fmt.Errorf("the same request made two runs: %s and %s", run.ID, again.ID)
	}
	j.run = run.ID
	err := poll(j.ctx, time.Minute, func() (bool, error) {
		if _, err := j.want(http.StatusOK, "GET", j.path("query", "runs/"+run.ID), j.researcher.token, nil, &run); err != nil {
			return false, err
		}
		if run.State == "failed" || run.State == "cancelled" {
			return false, fmt.Errorf("the run ended as %s: %s", run.State, run.Problem)
		}
		return run.State == "done", nil
	})
	if err != nil {
		return "", err
	}
	if err := run.costsNoMore(e); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d rows, %s USD of at most %s", run.Rows, run.Cost.Value, e.Cost.Value), nil
}

func (j *journey) csvURL() string {
	return j.path("query", "runs/"+j.run+"/results.csv")
}

func (j *journey) fetchesCSV() (string, error) {
	if _, err := j.want(http.StatusUnauthorized, "GET", j.csvURL(), "", nil, nil); err != nil {
		return "", err
	}
	a, err := j.want(http.StatusOK, "GET", j.csvURL(), j.researcher.token, nil, nil)
	if err != nil {
		return "", err
	}
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	if err != nil {
		return "", err
	}
	persons, at := map[string]bool{}, -1
	for i, name := range rows[0] {
		if name == "person_id" {
			at = i
		}
	}
	if at < 0 {
		return "", fmt.Errorf("no column person_id in %v", rows[0])
	}
	for _, r := range rows[1:] {
		persons[r[at]] = true
	}
	if len(persons) != j.expected {
		return "", fmt.Errorf("the rows hold %d persons, the files %d", len(persons), j.expected)
	}
	j.csvRows = len(rows) - 1
	return fmt.Sprintf("%d rows of %d persons", j.csvRows, len(persons)), nil
}

// runsNotebook takes the notebook from the hub and executes it with Jupyter.
// Without Jupyter it says so; where CI is set that is a failure.
func (j *journey) runsNotebook() (string, error) {
	var nb struct {
		ID string `json:"id"`
	}
	body := map[string]any{"name": "First look", "language": "python", "runId": j.run}
	if _, err := j.want(http.StatusCreated, "POST", j.path("environment", "notebooks"), j.researcher.token, body, &nb); err != nil {
		return "", err
	}
	a, err := j.want(http.StatusOK, "GET", j.path("environment", "notebooks/"+nb.ID+"/content"), j.researcher.token, nil, nil)
	if err != nil {
		return "", err
	}
	if strings.Contains(string(a.body), j.researcher.token) {
		return "", errors.New("the notebook holds the session's token")
	}
	if err := os.WriteFile(j.file("notebook.ipynb"), a.body, 0o600); err != nil {
		return "", err
	}
	jupyter, err := exec.LookPath("jupyter-nbconvert")
	if err != nil {
		if os.Getenv("CI") != "" {
			return "", errors.New("Jupyter is missing; get it with: apt-get install jupyter-nbconvert python3-ipykernel python3-pandas")
		}
		return "made, NOT executed: no Jupyter here (apt-get install jupyter-nbconvert python3-ipykernel python3-pandas)", nil
	}
	cmd := exec.CommandContext(j.ctx, jupyter, "--to", "notebook", "--execute", "--output", "executed.ipynb", "--output-dir", j.dir, j.file("notebook.ipynb"))
	cmd.Env = append(os.Environ(), "RESEARCH_HUB_URL="+j.cloud.ready.Addresses["hub"], "RESEARCH_HUB_TOKEN="+j.researcher.token)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the notebook does not run: %w\n%.2000s", err, out)
	}
	executed, err := os.ReadFile(j.file("executed.ipynb"))
	if err != nil {
		return "", err
	}
	if want := fmt.Sprintf("(%d, ", j.csvRows); !strings.Contains(string(executed), want) {
		return "", fmt.Errorf("the executed notebook does not show a table of %d rows", j.csvRows)
	}
	return fmt.Sprintf("executed by Jupyter: %d rows", j.csvRows), nil
}

func (j *journey) seesCredits() (string, error) {
	var c struct {
		Left, Spent struct {
			Value    string `json:"value"`
			Currency string `json:"currency"`
		}
	}
	if _, err := j.want(http.StatusOK, "GET", "/billing/v1/credits", j.researcher.token, nil, &c); err != nil {
		return "", err
	}
	if c.Spent.Value == "" || c.Spent.Value == "0.00" {
		return "", fmt.Errorf("nothing was charged: %+v", c)
	}
	return fmt.Sprintf("spent %s, left %s %s", c.Spent.Value, c.Left.Value, c.Left.Currency), nil
}
