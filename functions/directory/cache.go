package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"researchhub.example/hub/shared/fault"
)

// Conditional is what a client that has an earlier answer says. It is exported
// because huma does not look into an embedded type that is not.
type Conditional struct {
	IfNoneMatch string `header:"If-None-Match" maxLength:"1000" doc:"ETags of answers that the client has."`
}

// cached is an answer that anybody may keep (RFC 9111).
type cached[T any] struct {
	Status       int
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         T
}

// cache gives the answer, or 304 without a body where the client has it.
func cache[T any](body T, have Conditional, maxAge time.Duration) (*cached[T], error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fault.Wrap("directory.etag", err)
	}
	sum := sha256.Sum256(text)
	out := &cached[T]{
		Status: http.StatusOK, Body: body,
		ETag:         fmt.Sprintf("%q", hex.EncodeToString(sum[:12])),
		CacheControl: fmt.Sprintf("public, max-age=%d", int(maxAge/time.Second)),
	}
	if matches(have.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

// matches compares as RFC 9110 says for If-None-Match: weakly, "*" being any.
func matches(header, etag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == "*" || one == etag {
			return true
		}
	}
	return false
}
