package house

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "researchhub.example/hub"

func in(p string) string { return module + "/" + p }

var testRooms = []Room{{"auth", HTTP, records}, {"query", HTTP, append(slices.Clone(records), BigQuery, GoogleSQL)}, {"notify", PubSub, records}}

// sound is a small model that keeps every rule.
func sound() *Model {
	m := &Model{
		Module: module, Packages: map[string]Package{},
		Foreign: map[string][]string{
			"github.com/oklog/ulid/v2":         {"time"},
			"github.com/shopspring/decimal":    {"math/big"},
			"cloud.google.com/go/bigquery":     {"google.golang.org/api/bigquery/v2"},
			"firebase.google.com/go/v4":        {"cloud.google.com/go/firestore", "cloud.google.com/go/storage"},
			"github.com/goccy/go-googlesql":    {"github.com/goccy/googlesqlwasm2go"},
			"github.com/elsewhere/indirection": {"cloud.google.com/go/bigquery/storage/apiv1"},
		},
		Standard: map[string]bool{},
		Root:     []string{".github", "functions", "go.mod", "shared"},
		Infra: map[string]Deployment{
			"auth": {"auth", HTTP, "", "", nil}, "query": {"query", HTTP, "", "", nil}, "notify": {"notify", PubSub, "events", "0 * * * *", nil}},
	}
	for _, s := range []string{"errors", "fmt", "math/big", "net/http", "os", "testing", "time"} {
		m.Standard[s] = true
	}
	own := func(at string, imports ...string) {
		m.Packages[at] = Package{Path: at, Name: at[strings.LastIndex(at, "/")+1:], Imports: imports}
		m.Files = append(m.Files, File{Path: at + "/function.go", Lines: 100, Imports: imports})
	}
	for at, extra := range hall {
		own(at, append([]string{"errors"}, extra...)...)
	}
	for _, at := range pure {
		if _, there := m.Packages[at]; !there {
			own(at, "fmt", in("shared/fault"))
		}
	}
	own("shared/session", "firebase.google.com/go/v4")
	own("shared/bigqueryx", "cloud.google.com/go/bigquery")
	own("shared/googlesql", "github.com/goccy/go-googlesql")
	own("shared/testkit", in("emulator/firestore"), "testing")
	own("emulator", in("functions/auth"), in("functions/query"), in("functions/notify"))
	own("emulator/firestore", "os")
	own("emulator/sql", "github.com/goccy/go-googlesql", "github.com/duckdb/duckdb-go/v2")
	own("functions/auth", in("shared/session"), in("shared/fault"))
	own("functions/query", in("shared/session"), in("shared/bigqueryx"), in("shared/googlesql"))
	own("functions/notify", in("shared/session"))
	m.Files = append(m.Files, File{Path: "emulator/functions.go", Imports: m.Packages["emulator"].Imports})
	for name, d := range m.Infra {
		m.Files[slices.IndexFunc(m.Files, func(f File) bool { return f.Path == "functions/"+name+"/function.go" })].Registers = &d
	}
	return m
}

func (m *Model) addImport(at string, imports ...string) {
	p := m.Packages[at]
	p.Imports = append(slices.Clone(p.Imports), imports...)
	m.Packages[at] = p
}

func (m *Model) file(path string) *File {
	for i := range m.Files {
		if m.Files[i].Path == path {
			return &m.Files[i]
		}
	}
	m.Files = append(m.Files, File{Path: path})
	return &m.Files[len(m.Files)-1]
}

func (m *Model) drop(path string) {
	m.Files = slices.DeleteFunc(m.Files, func(f File) bool { return f.Path == path })
}

func TestASoundModelHasNoFaults(t *testing.T) {
	if got := Check(*sound(), testRooms); len(got) != 0 {
		t.Errorf("faults in a sound model:\n%s", strings.Join(got, "\n"))
	}
}

// Every rule fails on the fault planted for it, and on nothing else.
func TestPlantedFaults(t *testing.T) {
	const framework = "github.com/GoogleCloudPlatform/functions-framework-go/functions"
	for _, c := range []struct {
		name  string
		plant func(*Model)
		want  []string
	}{
		{"a room imports a room", func(m *Model) { m.addImport("functions/auth", in("functions/notify")) },
			[]string{"functions/auth imports functions/notify: rooms"}},
		{"a room's test imports a room", func(m *Model) {
			p := m.Packages["functions/auth"]
			p.TestImports = []string{in("functions/notify")}
			m.Packages["functions/auth"] = p
		}, []string{"functions/auth imports functions/notify: rooms"}},
		{"shared imports a room", func(m *Model) { m.addImport("shared/session", in("functions/notify")) },
			[]string{"shared/session imports functions/notify: shared"}},
		{"no function.go", func(m *Model) { m.file("functions/auth/function.go").Path = "functions/auth/main.go" },
			[]string{"functions/auth/function.go is missing"}},
		{"not in the local server", func(m *Model) {
			m.file("emulator/functions.go").Imports = []string{in("functions/auth"), in("functions/query")}
		},
			[]string{"emulator/functions.go does not import functions/notify"}},
		{"no local server", func(m *Model) { m.drop("emulator/functions.go") },
			[]string{"does not import functions/auth", "does not import functions/notify", "does not import functions/query"}},
		{"not deployed", func(m *Model) { delete(m.Infra, "query") }, []string{"infra/functions.tf has no entry for query"}},
		{"deployed and unknown", func(m *Model) { m.Infra["ghost"] = Deployment{"ghost", HTTP, "", "", nil} },
			[]string{"infra/functions.tf deploys ghost"}},
		{"a folder that is not listed", func(m *Model) {
			m.Packages["functions/ghost"] = Package{Path: "functions/ghost", Name: "ghost"}
			f := m.file("emulator/functions.go")
			f.Imports = append(slices.Clone(f.Imports), in("functions/ghost"))
		}, []string{"emulator/functions.go imports functions/ghost", "functions/ghost is not in the list"}},
		{"not registered", func(m *Model) { m.file("functions/auth/function.go").Registers = nil },
			[]string{"functions/auth does not call fn.Register"}},
		{"registered under another name", func(m *Model) {
			m.file("functions/auth/function.go").Registers = &Deployment{"login", HTTP, "", "", nil}
		}, []string{`functions/auth/function.go registers the name "login"`}},
		{"another topic", func(m *Model) { m.Infra["notify"] = Deployment{"notify", PubSub, "other", "0 * * * *", nil} },
			[]string{`notify listens to topic "events" in its code and "other"`}},
		{"another schedule", func(m *Model) { m.Infra["notify"] = Deployment{"notify", PubSub, "events", "", nil} },
			[]string{`notify is scheduled "0 * * * *" in its code and ""`}},
		{"another trigger in infra", func(m *Model) { m.Infra["auth"] = Deployment{"auth", PubSub, "", "", nil} },
			[]string{"auth is called by pubsub in infra"}},
		{"another trigger in code", func(m *Model) {
			m.file("functions/auth/function.go").Registers = &Deployment{"auth", PubSub, "", "", nil}
		}, []string{"functions/auth is called by pubsub in its code"}},
		{"a variable that is not set", func(m *Model) {
			m.Environment = map[string]bool{"HUB_A": true}
			m.file("functions/auth/function.go").Requires = []string{"HUB_A", "HUB_B"}
			m.file("emulator/x.go").Requires = []string{"HUB_C"}
		}, []string{"functions/auth/function.go requires the environment variable HUB_B"}},
		{"a grant is missing", func(m *Model) {
			m.file("functions/query/function.go").Uses = []Use{{in("shared/bigqueryx.Open"), 9}}
			m.Infra["query"] = Deployment{"query", HTTP, "", "", map[string]string{"roles": `["roles/bigquery.jobUser"]`}}
		}, []string{"functions/query calls shared/bigqueryx.Open and infra/functions.tf does not grant it: data with true"}},
		{"a grant for what a method opens is missing", func(m *Model) {
			f := m.file("functions/auth/function.go")
			f.Imports, f.Methods = append(slices.Clone(f.Imports), in("shared/access")), []string{"Verifier"}
			m.Infra["auth"] = Deployment{"auth", HTTP, "", "", map[string]string{"roles": `[]`}}
			m.file("functions/query/function.go").Methods = []string{"Verifier"} // of another package
		}, []string{"functions/auth calls shared/access.Gate.Verifier and infra/functions.tf does not grant it: roles with \"roles/firebaseauth."}},
		{"a grant too many", func(m *Model) {
			m.Infra["auth"] = Deployment{"auth", HTTP, "", "", map[string]string{"topics": `["hub-events"]`}}
		}, []string{"infra/functions.tf grants auth more than it needs: topics"}},
		{"a client through shared code", func(m *Model) { m.addImport("functions/auth", in("shared/bigqueryx")) },
			[]string{"functions/auth links BigQuery and has no business with it: functions/auth → shared/bigqueryx → cloud.google.com/go/bigquery"}},
		{"a client through a foreign package", func(m *Model) { m.addImport("shared/session", "github.com/elsewhere/indirection") },
			[]string{"functions/auth links BigQuery and has no business with it: functions/auth → shared/session → github.com/elsewhere/indirection →",
				"functions/notify links BigQuery"}},
		{"storage, not through Firebase", func(m *Model) { m.addImport("functions/query", "cloud.google.com/go/storage") },
			[]string{"functions/query links Cloud Storage"}},
		{"the analyzer in a wrong room", func(m *Model) { m.addImport("functions/auth", in("shared/googlesql")) },
			[]string{"functions/auth links the GoogleSQL analyzer"}},
		{"the analyzer past its wrapping", func(m *Model) { m.addImport("functions/query", "github.com/goccy/go-googlesql") },
			[]string{"functions/query imports github.com/goccy/go-googlesql: the analyzer is reached through"}},
		{"DuckDB in a function", func(m *Model) { m.addImport("functions/query", "github.com/duckdb/duckdb-go/v2") },
			[]string{"functions/query links DuckDB"}},
		{"mail in a wrong room", func(m *Model) { m.addImport("functions/auth", "github.com/wneessen/go-mail") },
			[]string{"functions/auth links SMTP"}},
		{"pubsub v1", func(m *Model) { m.addImport("emulator/firestore", "cloud.google.com/go/pubsub/pstest") },
			[]string{"emulator/firestore imports cloud.google.com/go/pubsub/pstest, which is at its end of life"}},
		{"the hall imports a module", func(m *Model) { m.addImport("shared/clock", "github.com/oklog/ulid/v2") },
			[]string{"shared/clock imports github.com/oklog/ulid/v2: the hall"}},
		{"the hall imports shared code", func(m *Model) { m.addImport("shared/fault", in("shared/session")) },
			[]string{"shared/circe links Firebase", "shared/dataset links", "shared/disclosure links", "shared/fault imports shared/session: the hall",
				"shared/handoff links", "shared/omop links", "shared/statement links"}},
		{"the hall lacks a piece", func(m *Model) { delete(m.Packages, "shared/clock") }, []string{"shared/clock is missing"}},
		{"a pure package with a client", func(m *Model) { m.addImport("shared/circe", in("shared/bigqueryx")) },
			[]string{"shared/circe links BigQuery and is to be pure: shared/circe → shared/bigqueryx →"}},
		{"a pure package that reads files", func(m *Model) { m.addImport("shared/omop", "os") }, []string{"shared/omop imports os"}},
		{"a pure package that asks the clock", func(m *Model) { m.file("shared/omop/function.go").Uses = []Use{{"time.Now", 7}} },
			[]string{"shared/omop/function.go:7 uses time.Now"}},
		{"a pure package is gone", func(m *Model) { delete(m.Packages, "shared/handoff") }, []string{"shared/handoff is in the list of pure"}},
		{"the emulator in a function", func(m *Model) { m.addImport("functions/auth", in("emulator/firestore")) },
			[]string{"functions/auth imports emulator/firestore outside a test"}},
		{"the emulator in shared code", func(m *Model) { m.addImport("shared/session", in("emulator/firestore")) },
			[]string{"shared/session imports emulator/firestore outside a test"}},
		{"testkit in a function", func(m *Model) { m.addImport("functions/auth", in("shared/testkit")) },
			[]string{"functions/auth imports shared/testkit outside a test"}},
		{"package testing in a function", func(m *Model) { m.addImport("functions/auth", "testing") },
			[]string{"functions/auth imports testing outside a test"}},
		{"a stray folder", func(m *Model) { m.Root = append(m.Root, "pkg", ".golangci.yml", "Makefile") },
			[]string{"pkg stands in the repository's root"}},
		{"a package that says nothing", func(m *Model) { m.Packages["shared/x"] = Package{Path: "shared/x", Name: "util"} },
			[]string{"shared/x: a package named util says nothing"}},
		{"a folder that says nothing", func(m *Model) { m.Packages["shared/helpers"] = Package{Path: "shared/helpers", Name: "x"} },
			[]string{"shared/helpers: a package named helpers says nothing"}},
		{"a long file", func(m *Model) { m.file("functions/auth/x.go").Lines = maxLines + 1 }, []string{"functions/auth/x.go has 501 lines"}},
		{"a long test", func(m *Model) {
			*m.file("functions/auth/x_test.go") = File{Path: "functions/auth/x_test.go", Lines: maxTestLines + 1, Test: true}
		},
			[]string{"functions/auth/x_test.go has 701 lines"}},
		{"as long as may be", func(m *Model) {
			m.file("functions/auth/x.go").Lines = maxLines
			*m.file("x_test.go") = File{Path: "x_test.go", Lines: maxTestLines, Test: true}
			*m.file("y.go") = File{Path: "y.go", Lines: 9999, Generated: true}
		}, nil},
		{"functions.Typed", func(m *Model) { m.file("functions/auth/function.go").Uses = []Use{{framework + ".Typed", 12}} },
			[]string{"functions/auth/function.go:12 uses functions.Typed"}},
		{"functions.CloudEvent", func(m *Model) { m.file("functions/auth/function.go").Uses = []Use{{framework + ".CloudEvent", 12}} },
			[]string{"functions/auth/function.go:12 uses functions.CloudEvent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := sound()
			c.plant(m)
			got := Check(*m, testRooms)
			same := len(got) == len(c.want)
			for i := 0; same && i < len(got); i++ {
				same = strings.Contains(got[i], c.want[i])
			}
			if !same {
				t.Errorf("(-want +got):\n%s", cmp.Diff(c.want, got))
			}
		})
	}
}

// The reading of source and of infra, which the rules rest on.
func TestParse(t *testing.T) {
	const text = `package notify

import (
	ff "github.com/GoogleCloudPlatform/functions-framework-go/functions"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/outbox"
	"cloud.google.com/go/pubsub/v2"
)

const every = "0 * * * *"

var _ = pubsub.NewClient

type config struct {
	Bucket string ` + "`env:\"HUB_BUCKET, required\"`" + `
	Days   int    ` + "`env:\"HUB_DAYS, default=required\" json:\"x,required\"`" + `
}

func init() {
	ff.Typed("x", nil)
	pubsub.Client{}.Close()
	fn.Register(fn.Function{Name: "notify", Topic: outbox.Topic, Schedule: every})
}
`
	a, err := parse("functions/notify/function.go", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := parse("shared/outbox/outbox.go", []byte("// Code generated by x. DO NOT EDIT.\npackage outbox\n\nconst Topic = \"hub-events\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	a.file.Registers = a.registration(module, constants([]source{a, b}, module))
	if diff := cmp.Diff(&Deployment{"notify", PubSub, "hub-events", "0 * * * *", nil}, a.file.Registers); diff != "" {
		t.Errorf("registration (-want +got):\n%s", diff)
	}
	want := []Use{{"cloud.google.com/go/pubsub/v2.NewClient", 12}, {"github.com/GoogleCloudPlatform/functions-framework-go/functions.Typed", 20}}
	for _, u := range want {
		if !slices.Contains(a.file.Uses, u) {
			t.Errorf("use not seen: %+v in %+v", u, a.file.Uses)
		}
	}
	if diff := cmp.Diff([]string{"Close"}, a.file.Methods); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"HUB_BUCKET"}, a.file.Requires); diff != "" {
		t.Errorf("required variables (-want +got):\n%s", diff)
	}
	if a.file.Lines != 23 || a.file.Generated || !b.file.Generated {
		t.Errorf("lines %d, generated %t and %t", a.file.Lines, a.file.Generated, b.file.Generated)
	}
}

func TestInfraEnvironment(t *testing.T) {
	got := infraEnvironment("  a = merge(var.settings, {\n    HUB_BASE_URL = \"x\"\n    b = { HUB_B         = c }\n        key        = \"HUB_P\"\n # HUB_NO\n")
	if diff := cmp.Diff(map[string]bool{"HUB_BASE_URL": true, "HUB_B": true, "HUB_P": true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseInfra(t *testing.T) {
	got, err := parseInfra(`locals {
  functions = {
    # comment
    auth = {
      trigger = "http"
      memory  = "512Mi"
    }

    notify = {
      trigger  = "pubsub"
      topic    = "hub-events"
      schedule = "0 * * * *"
      roles    = ["a", "b"]
    }
  }
}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Deployment{
		"auth":   {"auth", HTTP, "", "", map[string]string{}},
		"notify": {"notify", PubSub, "hub-events", "0 * * * *", map[string]string{"roles": `["a", "b"]`}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "locals {\n  functions = {\n", "  functions = {\n    auth = { trigger = \"http\" }\n  }\n",
		"  functions = {\n    auth = {\n      roles = [\n      ]\n    }\n  }\n"} {
		if _, err := parseInfra(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
