package main

import (
	"context"
	"io"
	"strings"
	"testing"
)

func TestArgumentsThatAreRefused(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "")
	cases := []struct{ args, want string }{
		{"", "either -cdm FOLDER or -synthetic PERSONS"},
		{"-cdm x -synthetic 10 -release r -project demo-hub", "either -cdm FOLDER or -synthetic PERSONS"},
		{"-cdm x -project demo-hub", "-release is missing"},
		{"-cdm x -release r", "-project is missing"},
		{"-cdm x -release r -project demo-hub more", `"more" is not understood`},
		{"-synthetic 1000001 -release r -project demo-hub", "choose 1 to 1000000"},
		{"-synthetic -1 -release r -project demo-hub", "choose 1 to 1000000"},
		{"-colour", "not defined"},
	}
	for _, c := range cases {
		err := run(context.Background(), strings.Fields(c.args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.args, err, c.want)
		}
	}
	if err := run(context.Background(), []string{"-h"}, io.Discard, io.Discard); err != nil {
		t.Errorf("help: %v", err)
	}
}
