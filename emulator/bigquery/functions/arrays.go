package functions

import "researchhub.example/hub/emulator/bigquery/duck"

var arrays = []duck.Scalar{}
