package directory

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"researchhub.example/hub/shared/project"
)

// columns are those of the CSV file.
func columns() []string {
	return []string{"id", "name", "tier", "release", "owner", "institution", "kinds", "disease", "intended_study", "scientific_approach",
		"anticipated_findings", "channels", "outcomes", "populations", "created", "updated"}
}

func row(p project.Project) []string {
	s := project.Render(p.Purpose)
	populations := s.Populations
	if !s.FocusOnPopulations {
		populations = nil
	}
	cells := []string{p.ID, p.Name, string(p.Tier), p.ReleaseID, p.OwnerName, p.Institution, labels(s.Kinds), s.Disease, s.IntendedStudy, s.ScientificApproach,
		s.AnticipatedFindings, labels(s.Channels), labels(s.Outcomes), labels(populations), p.CreatedAt.UTC().Format(time.RFC3339), p.UpdatedAt.UTC().Format(time.RFC3339)}
	for i, c := range cells {
		cells[i] = inert(c)
	}
	return cells
}

func labels(list []project.Choice) string {
	var texts []string
	for _, c := range list {
		texts = append(texts, c.Label)
	}
	return strings.Join(texts, "; ")
}

// inert keeps a spreadsheet from taking a text for a formula: an apostrophe goes
// before one that begins, blanks aside, with a sign that starts one, as OWASP's
// page on CSV injection says. Some programs start a cell at a tab or a line's end
// inside quotes too; those become blanks.
func inert(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\r' || r == '\n' || r == 0 {
			return ' '
		}
		return r
	}, text)
	if first, size := utf8.DecodeRuneInString(strings.TrimLeft(text, " \u00a0\u3000\ufeff")); size > 0 && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + text
	}
	return text
}

// download gives everything that a search finds as one file. The projects are
// picked at one moment of the index; then they are written one by one.
func (s *service) download(ctx context.Context, in *struct {
	Chosen
	Conditional
	Format string `path:"format" enum:"csv,json"`
}) (*huma.StreamResponse, error) {
	a, err := in.read()
	if err != nil {
		return nil, err
	}
	var list []project.Project
	viewed := s.mirror.view(ctx, func(x state) {
		var found selection
		if found, _, _, _, _, err = x.find(a, nil, 0); err == nil {
			// What is in an entry is never changed, so it may outlive the view.
			for _, e := range found.entries {
				list = append(list, e.Project)
			}
		}
	})
	if viewed != nil {
		return nil, viewed
	}
	if err != nil {
		return nil, err
	}
	// The tag is of which projects in which version, not of the bytes, which are
	// not all there at once.
	sum := sha256.New()
	for _, p := range list {
		tagOf(sum, p)
	}
	etag := fmt.Sprintf("%q", in.Format+"-"+hex.EncodeToString(sum.Sum(nil)[:12]))
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("ETag", etag)
		hc.SetHeader("Cache-Control", fmt.Sprintf("public, max-age=%d", int(s.maxAge/time.Second)))
		if matches(in.IfNoneMatch, etag) {
			hc.SetStatus(http.StatusNotModified)
			return
		}
		hc.SetHeader("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8; header=present", "json": "application/json"}[in.Format])
		hc.SetHeader("Content-Disposition", `attachment; filename="research-projects.`+in.Format+`"`)
		hc.SetStatus(http.StatusOK)
		write := writeCSV
		if in.Format == "json" {
			write = writeJSON
		}
		if err := write(hc.BodyWriter(), slices.Values(list)); err != nil {
			panic(http.ErrAbortHandler) // the reader has gone, or gets no whole file
		}
	}}, nil
}

// tagOf adds to a hash which project it is, in which version. The store's time of
// a write is not among what is shown, but tells every version.
func tagOf(sum hash.Hash, p project.Project) {
	_, _ = fmt.Fprintf(sum, "%s %d %d\n", p.ID, p.ChangedAt.UnixMicro(), p.UpdatedAt.UnixMicro()) // a hash takes everything
}

func writeCSV(w io.Writer, list func(func(project.Project) bool)) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // so that spreadsheets read UTF-8
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	if err := out.Write(columns()); err != nil {
		return err
	}
	for p := range list {
		if err := out.Write(row(p)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func writeJSON(w io.Writer, list func(func(project.Project) bool)) error {
	between := `{"items":[`
	for p := range list {
		text, err := json.Marshal(viewOf(p))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n%s", between, text); err != nil {
			return err
		}
		between = ","
	}
	if between != "," {
		if _, err := io.WriteString(w, between); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\n]}\n")
	return err
}
