package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// firstID is the id of the first made-up concept, above all of the seed's.
const firstID = 2_000_000_000

// stems and endings make words that sound like medicine and share their parts.
var (
	stems = strings.Fields("cardi hepat nephr neur derm gastr oste arthr my angi encephal pulmon bronch rhin ot ophthalm odont cyst ureter prostat mast thyr aden lymph " +
		"hemat leuk erythr thromb phleb arteri ven cerebr mening radicul spondyl chondr tend fasci burs splen pancreat chole col proct ile jejun duoden esophag laryng pharyng trache")
	middles  = strings.Fields("o a i al ic opath oscler otox ogen ostom oplast ometr ograph olys ocel")
	endings  = strings.Fields("itis osis oma ectomy opathy algia emia uria plegia rrhea stenosis plasty scopy gram ic al ous ase cillin mycin pril sartan olol statin mab nib vir azole oxacin ide ine ate ium")
	frequent = strings.Fields("of with the due to disorder oral tablet acute chronic left right structure finding procedure injection solution by and in type upper lower mg blood entire")
)

// lexicon makes words, no two alike.
func lexicon(r *rand.Rand, n int) []string {
	seen := map[string]bool{}
	var list []string
	for len(list) < n {
		w := stems[r.IntN(len(stems))] + middles[r.IntN(len(middles))]
		if r.IntN(2) == 0 {
			w += stems[r.IntN(len(stems))] + middles[r.IntN(len(middles))]
		}
		if w += endings[r.IntN(len(endings))]; !seen[w] {
			seen[w] = true
			list = append(list, w)
		}
	}
	return list
}

// words is how many different words the made-up names have; half a million of
// SNOMED's and RxNorm's have about as many.
const words = 60_000

// makeUp adds concepts, with synonyms and a hierarchy eight levels deep, to the
// files of a folder.
func makeUp(folder string, n int) (err error) {
	if n == 0 {
		return nil
	}
	out := map[string]io.Writer{}
	var closers []io.Closer
	defer func() {
		for _, c := range closers {
			err = errors.Join(err, c.Close())
		}
	}()
	for _, table := range []string{"concept", "concept_synonym", "concept_ancestor"} {
		f, err := os.OpenFile(filepath.Join(folder, table+".csv.gz"), os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
		if err != nil {
			return errors.Join(err, f.Close())
		}
		// Another member of the archive: readers take both as one.
		closers = append(closers, z, f)
		out[table] = z
	}
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // a made-up vocabulary must be the same each time
	lex := lexicon(r, words)
	zipf := rand.NewZipf(r, 1.1, 20, words-1)
	name := func() string {
		var list []string
		for range 2 + r.IntN(8) {
			if r.IntN(3) == 0 {
				list = append(list, frequent[r.IntN(len(frequent))])
			} else {
				list = append(list, lex[zipf.Uint64()])
			}
		}
		if r.IntN(4) == 0 {
			list = append(list, fmt.Sprint(5*(1+r.IntN(200))), "mg")
		}
		return strings.Join(list, " ")
	}
	kinds := []struct{ domain, vocabulary, class string }{{"Condition", "SNOMED", "Disorder"}, {"Condition", "ICD10CM", "5-char billing code"}, {"Drug", "RxNorm", "Clinical Drug"},
		{"Drug", "NDC", "11-digit NDC"}, {"Procedure", "SNOMED", "Procedure"}, {"Measurement", "LOINC", "Lab Test"}, {"Observation", "SNOMED", "Clinical Finding"}}
	for i := range n {
		id := firstID + i
		k := kinds[r.IntN(len(kinds))]
		standard, invalid := "S", ""
		if k.vocabulary == "ICD10CM" || k.vocabulary == "NDC" {
			standard = ""
		}
		if r.IntN(20) == 0 {
			standard, invalid = "", "U"
		}
		if _, err := fmt.Fprintf(out["concept"], "%d,%s,%s,%s,%s,%s,M%07d,1970-01-01,2099-12-31,%s\n", id, name(), k.domain, k.vocabulary, k.class, standard, i, invalid); err != nil {
			return err
		}
		if i%2 == 0 {
			if _, err := fmt.Fprintf(out["concept_synonym"], "%d,%s,4180186\n", id, name()); err != nil {
				return err
			}
		}
		for level, up := 0, i; ; level++ {
			if _, err := fmt.Fprintf(out["concept_ancestor"], "%d,%d,%d,%d\n", firstID+up, id, level, level); err != nil {
				return err
			}
			if up == 0 {
				break
			}
			up /= 6
		}
	}
	return nil
}
