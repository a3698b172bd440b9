package directory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"Asthma, in CHILDREN":         "asthma in children",
		"Sjögren's  Ménière’s":        "sjogrens menieres",
		"Mu\u0308ller e\u0301tude":    "muller etude",
		"COVID-19 covid19 IL.6":       "covid +19 covid +19 il +6",
		"and/or":                      "and or",
		"Łódź straße Øresund ﬁbrosis": "lodz strasse oresund fibrosis",
		"ＴＹＰＥ ２":                      "type 2",
		"糖尿病 диабет":                  "糖尿病 диабет",
		"=cmd|' /C calc'!A0":          "cmd c calc a +0",
		"a\xffb":                      "a b",
	} {
		var got []string
		for _, w := range words(text) {
			if w.start < 0 || w.end > len(text) || w.start >= w.end {
				t.Errorf("%q: %+v stands nowhere in it", text, w)
			}
			if w.glued {
				w.text = "+" + w.text
			}
			got = append(got, w.text)
		}
		if d := cmp.Diff(want, strings.Join(got, " ")); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
	if got := words(strings.Repeat("é", 500)); len(got) != 1 || len(got[0].text) > maxWord || got[0].end != 1000 {
		t.Errorf("a long word: %+v", got)
	}
}

func TestStem(t *testing.T) {
	for _, same := range [][]string{
		{"diabetics", "diabetic"}, {"tumours", "tumor", "tumour", "tumors"}, {"anaemia", "anemia"}, {"oesophagus", "esophagus"}, {"paediatric", "pediatrics"},
		{"randomised", "randomized", "randomising"}, {"behaviour", "behavior"}, {"studies", "study", "studied"}, {"women", "women"},
	} {
		for _, one := range same[1:] {
			if stem(one) != stem(same[0]) {
				t.Errorf("%s is %q, %s is %q", same[0], stem(same[0]), one, stem(one))
			}
		}
	}
	if stem("asthma") == stem("asset") || stem("19") != "19" {
		t.Error("different words have one stem")
	}
}

func TestParse(t *testing.T) {
	show := func(list []group) string {
		var texts []string
		for _, g := range list {
			text := strings.Join(g.words, " ")
			if g.exact {
				text = `"` + text + `"`
			} else if len(g.words) > 1 {
				text = "(" + text + ")"
			}
			texts = append(texts, text)
		}
		return strings.Join(texts, " ")
	}
	for text, want := range map[string]string{
		"  ":                                    "",
		"How does diabetes relate to the heart": "diabetes relate heart",
		"to be or not to be":                    "to be or not to be",
		`"to be" diabetes`:                      `"to be" diabetes`,
		`“sickle cell” anaemia "unclosed here`: `"sickle cell" anaemia "unclosed here"`,
		"COVID-19 in beta-blocker users":       "(covid 19) (beta blocker) users",
		`"" - "!"`:                             "",
	} {
		got, err := parse(text)
		if err != nil || show(got) != want {
			t.Errorf("%q: %q, %v; want %q", text, show(got), err, want)
		}
	}
	if _, err := parse(strings.Repeat("asthma ", 13)); err == nil {
		t.Error("thirteen words are taken")
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		most int
		want bool
	}{
		{"asthma", "astma", 1, true}, {"asthma", "asthmaa", 1, true}, {"asthma", "asthna", 1, true}, {"asthma", "ashtma", 1, true},
		{"asthma", "asthma", 1, true}, {"asthma", "asma", 1, false}, {"diabetes", "diabtse", 2, true}, {"diabetes", "dibatse", 1, false}, {"", "a", 1, true},
	} {
		if got := apart([]rune(c.a), []rune(c.b), c.most); got != c.want {
			t.Errorf("%s and %s are at most %d apart: %v", c.a, c.b, c.most, got)
		}
	}
}
