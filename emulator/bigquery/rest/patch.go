package rest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strconv"

	"researchhub.example/hub/emulator/bigquery/apierr"
)

// checkMatch holds If-Match.
func checkMatch(r *http.Request, etag string) error {
	if want := r.Header.Get("If-Match"); want != "" && want != "*" && want != etag {
		return apierr.ConditionNotMet("Precondition check failed.")
	}
	return nil
}

// patch is a description as a request holds it, of which each field is taken once.
type patch struct{ fields map[string]json.RawMessage }

// readPatch reads a request. whole is for one that replaces the description:
// what it leaves out of the fields that can be set is reset.
func readPatch(b []byte, whole bool, settable ...string) (*patch, error) {
	p := &patch{}
	if err := decodeBytes(b, &p.fields); err != nil {
		return nil, err
	}
	if p.fields == nil {
		return nil, apierr.Invalid("Invalid JSON payload received. An object is expected")
	}
	for _, name := range settable {
		if _, ok := p.fields[name]; whole && !ok {
			p.fields[name] = json.RawMessage("null")
		}
	}
	return p, nil
}

// take gives a field and takes it out; ok tells that it is there.
func (p *patch) take(name string) (raw json.RawMessage, ok bool) {
	raw, ok = p.fields[name]
	delete(p.fields, name)
	return raw, ok
}

// set decodes a field into to, whose zero value null stands for.
func set[T any](p *patch, name string, to *T) error {
	raw, ok := p.take(name)
	if !ok {
		return nil
	}
	var v T
	if string(raw) != "null" {
		if err := decodeBytes(raw, &v); err != nil {
			return apierr.Invalid("Invalid value for %s: %v", name, err)
		}
	}
	*to = v
	return nil
}

// number is set for the API's integers, which are text or numbers.
func (p *patch) number(name string, to *int64) error {
	var raw json.RawMessage
	if _, ok := p.fields[name]; !ok {
		return nil
	}
	if err := set(p, name, &raw); err != nil {
		return err
	}
	*to = 0
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	text := string(raw)
	if raw[0] == '"' {
		_ = json.Unmarshal(raw, &text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return apierr.Invalid("Invalid value for %s: %s", name, clip(string(raw)))
	}
	*to = n
	return nil
}

// The form of labels (cloud.google.com/bigquery/docs/labels-intro#requirements).
var (
	labelKey   = regexp.MustCompile(`^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$`)
	labelValue = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$`)
)

const maxLabels = 64

// labels sets and, where the value is null, removes labels; null removes all.
func (p *patch) labels(to *map[string]string, whole bool) error {
	raw, ok := p.take("labels")
	if !ok {
		return nil
	}
	var change map[string]*string
	if err := decodeBytes(raw, &change); err != nil {
		return err
	}
	out := map[string]string{}
	if change != nil && !whole {
		for k, v := range *to {
			out[k] = v
		}
	}
	for k, v := range change {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = *v
		}
	}
	if err := checkLabels(out); err != nil {
		return err
	}
	*to = out
	return nil
}

func checkLabels(labels map[string]string) error {
	if len(labels) > maxLabels {
		return apierr.Invalid("Too many labels: %d; at most %d are allowed", len(labels), maxLabels)
	}
	for k, v := range labels {
		if !labelKey.MatchString(k) || !labelValue.MatchString(v) {
			return apierr.Invalid("Label %q: %q is not valid: keys and values hold lower-case letters, numbers, dashes and underscores, at most 63, and a key begins with a letter.", clip(k), clip(v))
		}
	}
	return nil
}

// rest refuses the fields that are left, that hold something, and that are not
// the server's own to write.
func (p *patch) rest(what string, own ...string) error {
	var left []string
	for n, raw := range p.fields {
		if s := string(raw); !slices.Contains(own, n) && s != "null" && s != `""` && s != "false" && s != "[]" && s != "{}" {
			left = append(left, n)
		}
	}
	sort.Strings(left)
	for _, n := range left {
		return apierr.NotImplemented("%s of a %s is not supported by the local BigQuery", clip(n), what)
	}
	return nil
}

// pageByName cuts a list that is sorted by name for maxResults and pageToken. The
// token is the last name of the page before, so that what comes and goes meanwhile
// does not shift the pages.
func pageByName[T any](r *http.Request, list []T, name func(T) string) (part []T, next string, err error) {
	limit, err := intParam(r, "maxResults", 1000)
	if err != nil {
		return nil, "", err
	}
	if limit == 0 || limit > 1000 {
		limit = 1000
	}
	if t := r.URL.Query().Get("pageToken"); t != "" {
		last, err := base64.RawURLEncoding.DecodeString(t)
		if err != nil {
			return nil, "", apierr.Invalid("Invalid value for pageToken")
		}
		list = list[sort.Search(len(list), func(i int) bool { return name(list[i]) > string(last) }):]
	}
	if int64(len(list)) > limit {
		list = list[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(name(list[limit-1])))
	}
	return list, next, nil
}
