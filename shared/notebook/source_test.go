package notebook

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/handoff"
)

func TestSourceHoldsNoResults(t *testing.T) {
	const in = `{"cells":[
	 {"id":"a","cell_type":"markdown","metadata":{"note":"SECRET"},"attachments":{"p.png":{"image/png":"SECRET"}},"source":["# Title\n","- Run: SECRET\n","- Rows: 12\n","text"]},
	 {"cell_type":"code","metadata":{"tags":["SECRET"]},"execution_count":7,"outputs":[{"output_type":"stream","text":"SECRET"},{"data":{"text/html":"SECRET"}}],"source":"print(1)\nx"},
	 {"cell_type":"raw","metadata":{},"source":[]}],
	 "metadata":{"kernelspec":{"name":"python3","display_name":"Python 3","language":"python","env":"SECRET"},"language_info":{"name":"python","version":"SECRET"},"widgets":{"state":"SECRET"}},
	 "nbformat":4,"nbformat_minor":5,"SECRET":1}`
	out, removed, err := Source([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "SECRET") || strings.Contains(string(out), "12") {
		t.Errorf("%s", out)
	}
	for _, want := range []string{`"# Title\n"`, `"text"`, `"print(1)\n"`, `"x"`, `"display_name": "Python 3"`, `"outputs": []`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is lost in %s", want, out)
		}
	}
	if d := cmp.Diff(Removed{Outputs: 2, Attachments: 1}, removed); d != "" {
		t.Error(d)
	}
	again, removed, err := Source(out)
	if err != nil || !bytes.Equal(again, out) || removed != (Removed{}) {
		t.Errorf("the source of a source is another: %v, %v\n%s", err, removed, again)
	}
}

func TestSourceOfWhatTheHubWrites(t *testing.T) {
	for _, lang := range []handoff.Language{handoff.Python, handoff.R} {
		body, err := handoff.Notebook(lang, handoff.Source{Title: "T", Run: dataset.Run{ID: "run_01JAAAAAAAAAAAAAAAAAAAAAAA", WorkspaceID: "ws_01JBBBBBBBBBBBBBBBBBBBBBBB", Rows: 12}})
		if err != nil {
			t.Fatal(err)
		}
		out, _, err := Source(body)
		if err != nil || strings.Contains(string(out), "Rows: 12") || strings.Contains(string(out), `run\_01J`) {
			t.Errorf("%s, %v", out, err)
		}
	}
}

func TestWhatIsNoNotebook(t *testing.T) {
	for _, in := range []string{``, `[]`, `{}`, `{"nbformat":3,"worksheets":[]}`, `{"nbformat":4,"cells":[{"cell_type":"SECRET","source":""}]}`, `{"nbformat":4,"cells":[{"cell_type":"code","source":{"a":1}}]}`} {
		if _, _, err := Source([]byte(in)); !fault.Is(err, fault.Invalid) || strings.Contains(fault.Message(err), "SECRET") {
			t.Errorf("%s: %v", in, err)
		}
	}
}
