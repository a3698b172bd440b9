package functions

import "researchhub.example/hub/emulator/bigquery/duck"

var numbers = []duck.Scalar{}
