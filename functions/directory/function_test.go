package directory

import (
	"testing"

	"researchhub.example/hub/shared/testkit"
)

func TestStartsFromEnvironment(t *testing.T) {
	testkit.StartsFromEnvironment(t, "directory", New, map[string]int{"/v1/projects": 200})
}
