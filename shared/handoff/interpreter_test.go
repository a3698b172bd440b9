package handoff

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode"
)

// interpreter finds a program that runs generated code. Debian's own Python
// comes first: it is the one whose packages Jupyter uses. Without the program
// the test is skipped; with CI set it fails where required.
func interpreter(t *testing.T, required bool, advice string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if required && os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed, and with CI set generated code must be run: %s", names[0], advice)
	}
	t.Skipf("%s is not installed, so generated code is not run: %s", names[0], advice)
	return ""
}

func python(t *testing.T) string {
	return interpreter(t, true, "apt-get install python3", "/usr/bin/python3", "python3")
}

func rscript(t *testing.T) string {
	return interpreter(t, false, "apt-get install r-base-core", "Rscript")
}

// run gives a program's standard output for an input.
func run(t *testing.T, input string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	err := cmd.Run()
	if err != nil {
		t.Logf("%s: %v\n%s", name, err, errs.String())
	}
	return out.String(), err
}

// code joins the code cells of a notebook.
func code(t *testing.T, lang Language, s Source) string {
	t.Helper()
	cells, err := Cells(lang, s)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range cells {
		if !c.Markdown {
			b.WriteString(c.Source + "\n")
		}
	}
	return b.String()
}

func TestPythonCodeParses(t *testing.T) {
	py := python(t)
	for _, title := range []string{"plain", nasty, `"""`, `\`, "\"\n", ""} {
		if _, err := run(t, code(t, Python, sample(title)), py, "-c", "import ast, sys; ast.parse(sys.stdin.read())"); err != nil {
			t.Errorf("title %q: the code does not parse", title)
		}
	}
}

func TestRCodeParses(t *testing.T) {
	r := rscript(t)
	for _, title := range []string{"plain", nasty, `\`, "\"\n", ""} {
		if _, err := run(t, code(t, R, sample(title)), r, "-e", `invisible(parse(file("stdin"), encoding = "UTF-8"))`); err != nil {
			t.Errorf("title %q: the code does not parse", title)
		}
	}
}

// literals holds strings whose literal must mean the same in the language.
func literals() []string {
	list := []string{"", nasty, `\`, `\\`, `\n`, `"`, `'`, `"""`, "\n", "\r\n", "\t", "\u2028", "\ufeff", "\x7f\x80\xff", "\U0010ffff", "\u200b", "#", "${x}", "{x}", "\\u0041", "a\u0000b"}
	for r := rune(0); r < 0x500; r++ {
		list = append(list, "x"+string(r)+"1")
	}
	return list
}

// TestPythonStringMeansTheString asks Python itself.
func TestPythonStringMeansTheString(t *testing.T) {
	py := python(t)
	var program strings.Builder
	program.WriteString("import json\nprint(json.dumps([\n")
	for _, s := range literals() {
		program.WriteString(pythonString(s) + ",\n")
	}
	program.WriteString("]))\n")
	out, err := run(t, program.String(), py, "-")
	if err != nil {
		t.Fatal("the literals do not parse")
	}
	var got []string
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	for i, s := range literals() {
		if want := strings.ToValidUTF8(s, "\ufffd"); got[i] != want {
			t.Errorf("%q became %q", want, got[i])
		}
	}
}

// TestRStringMeansTheString asks R itself; R has no NUL in strings.
func TestRStringMeansTheString(t *testing.T) {
	r := rscript(t)
	var program strings.Builder
	program.WriteString("x <- c(\n")
	for i, s := range literals() {
		if i > 0 {
			program.WriteString(",\n")
		}
		program.WriteString(rString(s))
	}
	program.WriteString(")\nfor (s in x) cat(utf8ToInt(enc2utf8(s)), '\\n')\n")
	out, err := run(t, program.String(), r, "--encoding=UTF-8", "-")
	if err != nil {
		t.Fatal("the literals do not parse")
	}
	lines := strings.Split(out, "\n")
	for i, s := range literals() {
		var want []string
		for _, c := range strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "") {
			want = append(want, jsonNumber(c))
		}
		if got := strings.TrimSpace(lines[i]); got != strings.Join(want, " ") {
			t.Errorf("%q became the characters %s", s, got)
		}
	}
}

func jsonNumber(r rune) string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// FuzzLiteral holds what no interpreter is needed for: one line, quotes closed
// by nothing inside, nothing that does not print.
func FuzzLiteral(f *testing.F) {
	for _, s := range literals()[:21] {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, quote := range map[string]func(string) string{"python": pythonString, "r": rString} {
			q := quote(s)
			if len(q) < 2 || q[0] != '"' || q[len(q)-1] != '"' {
				t.Fatalf("%s: %q is no literal", name, q)
			}
			escaped := false
			for _, r := range q[1 : len(q)-1] {
				switch {
				case escaped:
					escaped = false
				case r == '\\':
					escaped = true
				case r == '"' || !unicode.IsPrint(r):
					t.Fatalf("%s: %q holds %q unescaped", name, q, r)
				}
			}
			if escaped {
				t.Fatalf("%s: %q escapes its own end", name, q)
			}
		}
	})
}
