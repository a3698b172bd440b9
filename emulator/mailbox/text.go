package mailbox

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

// headers is what net/mail's and net/textproto's header types share.
type headers interface{ Get(key string) string }

// maxDepth bounds how deep parts of parts are looked into.
const maxDepth = 5

// plainText finds and decodes the first text/plain part.
func plainText(h headers, body io.Reader, depth int) (string, bool) {
	if depth > maxDepth {
		return "", false
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if h.Get("Content-Type") == "" {
		kind, err = "text/plain", nil
	}
	if err != nil {
		return "", false
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			// The raw part: decoding is done below for all kinds alike.
			part, err := parts.NextRawPart()
			if err != nil {
				return "", false
			}
			if text, ok := plainText(part.Header, part, depth+1); ok {
				return text, true
			}
		}
	}
	if kind != "text/plain" {
		return "", false
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	return string(text), err == nil
}
