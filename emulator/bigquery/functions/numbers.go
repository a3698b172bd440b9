package functions

import (
	"errors"

	"researchhub.example/hub/emulator/bigquery/duck"
)

var numbers = []duck.Scalar{
	// ERROR fails with its argument; a NULL one has an empty message.
	{Name: "hub_error", Signature: "ss", Nulls: true, Fn: func(in *duck.Row, _ *duck.Out) error {
		if in.Null(0) {
			return errors.New("")
		}
		return errors.New(in.Text(0))
	}},
}
