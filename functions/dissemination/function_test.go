package dissemination

import (
	"testing"

	"researchhub.example/hub/shared/testkit"
)

func TestStartsFromEnvironment(t *testing.T) {
	testkit.StartsFromEnvironment(t, "dissemination", New, map[string]int{"/v1/reports": 401})
}
