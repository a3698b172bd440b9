package handoff

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rowsCSV has what goes wrong when a reader guesses: a code with leading zeros,
// a value 'NA', an identifier that a float would round, missing fields, dates
// beyond what pandas holds, quotes, commas and line ends in fields.
const rowsCSV = "person_id,concept_code,concept_name,start_date,end_date,far_date,value,flag,none\n" +
	"9007199254740993,0010,NA,2026-01-31,2026-02-01,9999-12-31,1.5,true,\n" +
	"2,0020,\"a, \"\"b\"\"\nc\",2025-12-01,,2026-01-01,-2e3,false,\n" +
	",0030,None,2024-02-29,2024-03-01,2026-01-01,,true,\n"

// hub answers like the query function: rows for the right token, a problem else.
func hub(t *testing.T, token string) (*httptest.Server, *[]string) {
	t.Helper()
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"detail":"The session is not valid or has ended. Sign in again."}`))
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		_, _ = w.Write([]byte(rowsCSV))
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

// execute runs a notebook as Jupyter does and gives the text of its outputs by
// cell, or what went wrong.
func execute(t *testing.T, lang Language, url, token string) (outputs map[string]string, problem string, err error) {
	t.Helper()
	jupyter := interpreter(t, true, "apt-get install jupyter-nbconvert python3-ipykernel python3-pandas", "jupyter")
	body, err := Notebook(lang, sample(nasty))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.ipynb"), filepath.Join(dir, "out.ipynb")
	if err := os.WriteFile(in, body, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, jupyter, "nbconvert", "--to", "notebook", "--execute", "--output", out, in)
	cmd.Env = append(os.Environ(), URLVariable+"="+url, TokenVariable+"="+token, "PYDEVD_DISABLE_FILE_VALIDATION=1",
		"HOME="+dir, "PYTHONDONTWRITEBYTECODE=1")
	said, err := cmd.CombinedOutput()
	if err != nil {
		return nil, string(said), err
	}
	executed, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return texts(t, executed), "", nil
}

// texts reads the outputs of an executed notebook.
func texts(t *testing.T, executed []byte) map[string]string {
	t.Helper()
	var nb struct {
		Cells []struct {
			ID      string `json:"id"`
			Outputs []struct {
				Text json.RawMessage            `json:"text"`
				Data map[string]json.RawMessage `json:"data"`
			} `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(executed, &nb); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			for _, raw := range []json.RawMessage{o.Text, o.Data["text/plain"]} {
				found[c.ID] += joined(t, raw)
			}
		}
	}
	return found
}

// joined reads nbformat's multi-line text: a string or a list of them.
func joined(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	if len(raw) == 0 {
		return ""
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return strings.Join(list, "")
	}
	var one string
	if err := json.Unmarshal(raw, &one); err != nil {
		t.Fatal(err)
	}
	return one
}

func TestPythonNotebookRuns(t *testing.T) {
	s, asked := hub(t, "right")
	got, problem, err := execute(t, Python, s.URL+"/", "right")
	if err != nil {
		t.Fatalf("%v\n%s", err, problem)
	}
	if want := sample("").Path(); len(*asked) != 1 || (*asked)[0] != want {
		t.Errorf("asked for %q, want %q once", *asked, want)
	}
	if !strings.Contains(got["fetch"], "3 rows, 9 columns") || !strings.Contains(got["fetch"], "(3, 9)") {
		t.Errorf("fetch: %s", got["fetch"])
	}
	for column, want := range map[string]string{
		"person_id": "Int64", "concept_code": "object", "concept_name": "object", "start_date": "datetime64[ns]",
		"end_date": "datetime64[ns]", "far_date": "object", "value": "float64", "flag": "boolean", "none": "object",
	} {
		if !hasRow(got["columns"], column, want) {
			t.Errorf("column %s is not %s in\n%s", column, want, got["columns"])
		}
	}
	for _, exact := range []string{"9007199254740993", "0010", "NA"} {
		if !strings.Contains(got["rows"], exact) {
			t.Errorf("%s is not in the rows as it was sent:\n%s", exact, got["rows"])
		}
	}
}

func hasRow(table, first, second string) bool {
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == first && f[1] == second {
			return true
		}
	}
	return false
}

func TestPythonNotebookSaysThatTheSessionHasEnded(t *testing.T) {
	s, _ := hub(t, "right")
	_, problem, err := execute(t, Python, s.URL, "wrong-secret")
	if err == nil {
		t.Fatal("a wrong token was accepted")
	}
	if !strings.Contains(problem, "your session has ended: sign in") || !strings.Contains(problem, "The session is not valid or has ended.") {
		t.Errorf("the error does not say what to do:\n%s", problem)
	}
	if strings.Contains(problem, "wrong-secret") {
		t.Error("the error shows the token")
	}
}

// TestPythonFaultsArePlain: each way that a download fails has its own words,
// and the token goes to nobody but the hub. One Python process tries them all.
func TestPythonFaultsArePlain(t *testing.T) {
	py := python(t)
	var redirected []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		redirected = append(redirected, r.Header.Get("Authorization"))
		_, _ = w.Write([]byte("a\n1\n"))
	}))
	defer elsewhere.Close()
	serve := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	cases := []struct{ name, url, want string }{
		{"in the clear", "http://hub.example", "RESEARCH_HUB_URL must begin with https://"},
		{"no address", "", "the environment variable RESEARCH_HUB_URL is not set"},
		{"a redirect", serve(http.RedirectHandler(elsewhere.URL, http.StatusFound).ServeHTTP), "no fault"},
		{"a part only", serve(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("a,b\n1,2\n"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}), "the download broke off, so the rows are not complete"},
		{"nothing", serve(func(http.ResponseWriter, *http.Request) {}), "the hub sent no rows and no names of columns"},
		{"not here", serve(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"detail":"There is no such run in this workspace."}`))
		}), "the hub answers 404: There is no such run in this workspace."},
		{"no problem document", serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }), "the hub answers 502: Bad Gateway"},
	}
	program := strings.Split(code(t, Python, sample("x")), "table = fetch")[0] + `
os.environ["RESEARCH_HUB_TOKEN"] = "secret"
for url in [
`
	for _, c := range cases {
		program += pythonString(c.url) + ",\n"
	}
	program += `]:
    os.environ["RESEARCH_HUB_URL"] = url
    try:
        fetch(ROWS)
        print("no fault")
    except RuntimeError as error:
        print(error)
`
	out, err := run(t, program, py, "-")
	if err != nil {
		if _, missing := run(t, "", py, "-c", "import pandas"); missing != nil && os.Getenv("CI") == "" {
			t.Skip("pandas is not installed, so downloads are not tried: apt-get install python3-pandas")
		}
		t.Fatal("the program ends with another error (is pandas there? apt-get install python3-pandas)")
	}
	got := strings.Split(strings.TrimSpace(out), "\n")
	if len(got) != len(cases) {
		t.Fatalf("%d answers:\n%s", len(got), out)
	}
	for i, c := range cases {
		if !strings.HasPrefix(got[i], c.want) {
			t.Errorf("%s: %q", c.name, got[i])
		}
	}
	if len(redirected) != 1 || redirected[0] != "" {
		t.Errorf("the other place was sent %q", redirected)
	}
}

// TestRCodeRuns executes the code with R itself where its packages are
// installed; a Jupyter kernel adds nothing to it.
func TestRCodeRuns(t *testing.T) {
	r := rscript(t)
	if _, err := run(t, "", r, "-e", "library(tidyverse); library(httr2)"); err != nil {
		t.Skip("R's tidyverse and httr2 are not installed: apt-get install r-cran-tidyverse r-cran-httr2")
	}
	s, _ := hub(t, "right")
	t.Setenv(URLVariable, s.URL)
	t.Setenv(TokenVariable, "right")
	program := code(t, R, sample(nasty)) + "print(table$concept_code)\nprint(class(table$start_date))\nprint(is.na(table$concept_name))\n"
	out, err := run(t, program, r, "--encoding=UTF-8", "-")
	if err != nil {
		t.Fatal("the code fails")
	}
	for _, want := range []string{"3 rows, 9 columns", `"0010" "0020" "0030"`, `"Date"`, "FALSE FALSE FALSE"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	t.Setenv(TokenVariable, "wrong")
	if out, err := run(t, program+"\n", r, "--encoding=UTF-8", "-"); err == nil {
		t.Errorf("a wrong token was accepted:\n%s", out)
	}
}
