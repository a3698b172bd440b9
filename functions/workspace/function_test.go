package workspace

import (
	"testing"

	"researchhub.example/hub/shared/testkit"
)

func TestStartsFromEnvironment(t *testing.T) {
	testkit.StartsFromEnvironment(t, "workspace", New, map[string]int{"/v1/workspaces": 401})
}
