package workspace

import (
	"testing"

	"researchhub.example/hub/shared/testkit"
)

func TestStartsFromEnvironment(t *testing.T) {
	t.Setenv("HUB_NOTEBOOK_BUCKET", "notebooks")
	t.Setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1") // nothing here has files
	testkit.StartsFromEnvironment(t, "workspace", New, map[string]int{"/v1/workspaces": 401})
}
