package functions

import "researchhub.example/hub/emulator/bigquery/duck"

var strings = []duck.Scalar{}
