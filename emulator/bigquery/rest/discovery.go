package rest

import (
	_ "embed"
	"net/http"
	"strings"
)

// discovery describes the API for clients that build their calls from its
// description, as `bq` does. It is the bigquery-api.json of google.golang.org/api,
// without texts for people and the resources that are not served.
//
//go:embed discovery.json
var discovery string

// publicHost is where the description says that the API is.
const publicHost = "https://bigquery.googleapis.com/"

// describeAPI serves the description, with this server's address.
func describeAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write([]byte(strings.ReplaceAll(discovery, publicHost, "http://"+r.Host+"/")))
}
