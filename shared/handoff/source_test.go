package handoff

import (
	"time"

	"researchhub.example/hub/shared/dataset"
)

// nasty holds what names of people's making hold, and worse.
const nasty = "Diabetes \"type 2\" \\ it's {{x}} `b`\nSecond 'line' é 漢字 \u202e\x00\x1b 🧪 <script>alert(1)</script> ${HOME} %s #"

func sample(title string) Source {
	run := dataset.Run{
		ID: "run_01JAAAAAAAAAAAAAAAAAAAAAAA", WorkspaceID: "ws_01JBBBBBBBBBBBBBBBBBBBBBBB",
		DataSetID: "ds_01JCCCCCCCCCCCCCCCCCCCCCCC", ReleaseID: "synthetic_1", DefinitionHash: "sha256:0a1b", Rows: 3,
		State: dataset.Done, CreatedAt: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
	}
	return Source{Title: title, Run: run, DataSet: dataset.DataSet{
		ID: run.DataSetID, WorkspaceID: run.WorkspaceID, Name: "Diabetes, then metformin", VocabularyVersion: "v5.0 31-AUG-26",
		ReleaseID: run.ReleaseID, Columns: []string{"person_id", "start_date"},
	}}
}
