package functions

import "researchhub.example/hub/emulator/bigquery/duck"

var json = []duck.Scalar{}
