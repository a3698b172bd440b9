package functions

import "researchhub.example/hub/emulator/bigquery/duck"

var dates = []duck.Scalar{}
