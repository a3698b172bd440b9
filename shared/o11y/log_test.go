package o11y

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
)

func TestLineHasCloudLoggingFields(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, "auth", "demo-p")
	log.WarnContext(WithRequest(context.Background(), "rq_1"), "slow", "ms", 12)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"severity": "WARNING", "message": "slow", "function": "auth", "request": "rq_1", "ms": 12.0,
	} {
		if line[key] != want {
			t.Errorf("%s = %v, want %v", key, line[key], want)
		}
	}
	if _, there := line["level"]; there {
		t.Error("slog's own level field is still there")
	}
}
