package googlesql

import (
	"context"
	"testing"
)

// TestNegativeZero holds that a zero whose sign the engine has lost is noted.
func TestNegativeZero(t *testing.T) {
	for sql, noted := range map[string]bool{
		"IEEE_DIVIDE(1, CAST('-0' AS FLOAT64))": true, "FORMAT('%f', -0.0)": true, "ATAN2(- (0.0), 1)": true, "TO_JSON(-0e3)": true, "IEEE_DIVIDE(1, -.0)": true,
		"IEEE_DIVIDE(1, 0.0)": false, "1 - 0.5, IEEE_DIVIDE(1, 0.0)": false, "IEEE_DIVIDE(-0.01, 0.0)": false, "IEEE_DIVIDE(1, 0.0), '2020-01-02'": false, "-0": false,
		"-0.0 = 0.0": false,
	} {
		a, err := Analyze(context.Background(), "SELECT "+sql, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(a.Others) > 0; got != noted {
			t.Errorf("%s: noted %v, want %v (%v)", sql, got, noted, a.Others)
		}
	}
}
