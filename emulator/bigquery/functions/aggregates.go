package functions

import "researchhub.example/hub/emulator/bigquery/duck"

var aggregates = []duck.Scalar{}
