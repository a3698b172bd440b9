package billing

import (
	"testing"

	"researchhub.example/hub/shared/testkit"
)

func TestStartsFromEnvironment(t *testing.T) {
	testkit.StartsFromEnvironment(t, "billing", New, map[string]int{"/v1/credits": 401})
}
