package functions

import (
	"errors"

	"researchhub.example/hub/emulator/bigquery/duck"
)

var arrays = []duck.Scalar{
	// hub_refuse ends a statement that cannot be answered for the values that it
	// meets. It is volatile so that it is only called where its value is needed.
	{Name: "hub_refuse", Signature: "sb", Volatile: true, Fn: func(in *duck.Row, _ *duck.Out) error {
		return duck.Refuse("%s", in.Text(0))
	}},
	// hub_fail ends a statement with the caller's error.
	{Name: "hub_fail", Signature: "sb", Volatile: true, Fn: func(in *duck.Row, _ *duck.Out) error {
		return errors.New(in.Text(0))
	}},
}
