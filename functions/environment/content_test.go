package environment

import (
	"net/http"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

func TestContentThatIsNotWhatItsRecordSays(t *testing.T) {
	r := newRoom(t)
	_, body := r.call("owner", "POST", notebooksPath(wsID), newNotebook("n", "python", runID))
	made := decode[notebookView](t, body)
	r.storage.CreateObject(fakestorage.Object{
		ObjectAttrs: fakestorage.ObjectAttrs{BucketName: bucketID, Name: "workspaces/" + wsID + "/notebooks/" + made.ID + ".ipynb"},
		Content:     []byte(`{"cells":[]}`),
	})
	if res, body := r.call("owner", "GET", made.Content, ""); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("a changed file was served: %d %s", res.StatusCode, body)
	}
}
