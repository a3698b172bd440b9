package portal

import (
	"bytes"
	"html/template"
)

// page is one page: what the frame (assets/page.html) shows around its content.
type page struct {
	// Path is where it is served.
	Path                 string
	Title, Heading, Lead string
	// Script is the module that fills it.
	Script string
	// content is the file of what stands in it before the script runs; "" for an
	// empty place.
	content string
}

// pageList are the pages of the web client.
var pageList = []page{
	{"/portal/", "Research Hub", "Research Hub", "From a question to a publication, on data that participants entrusted to research.", "index.js", ""},
	{"/portal/directory", "Projects – Research Hub", "Research Projects Directory", "What researchers work on: every project, with its purpose in their own words.", "directory.js", "directory.html"},
	{"/portal/community", "Community – Research Hub", "Community", "What researchers have published for others to read and build on.", "community.js", "community.html"},
	{"/portal/data", "Data Browser – Research Hub", "Data Browser", "What the data hold, as rounded counts of participants. Nobody needs to sign in.", "data.js", "data.html"},
	{"/portal/review-request", "Ask for a review – Research Hub", "Ask the review board", "Anybody may ask the board to look at a project. Nobody needs to sign in.", "review-request.js", ""},
	{"/portal/account", "Profile and access – Research Hub", "Profile and access", "Your profile, and what your access needs.", "account.js", ""},
	{"/portal/security", "Security – Research Hub", "Security", "Second factors, sessions and the history of your account.", "security.js", ""},
	{"/portal/survey", "Survey about you – Research Hub", "Survey about you", "Who the hub's researchers are, in their own words. Optional.", "survey.js", ""},
}

// link is one entry of the navigation.
type link struct{ Path, Name string }

// Nav is the same on every page.
func (page) Nav() []link {
	return []link{{"/portal/", "My research"}, {"/portal/directory", "Projects"}, {"/portal/community", "Community"}, {"/portal/data", "Data Browser"},
		{"/portal/account", "Account"}, {"/portal/security", "Security"}}
}

// pattern is the page's path as the standard mux takes it: the whole path only.
func (p page) pattern() string {
	if p.Path == "/portal/" {
		return "/portal/{$}"
	}
	return p.Path
}

var frame = template.Must(template.ParseFS(assets, "assets/page.html"))

// Content is what stands in the page before its script runs.
func (p page) Content() (template.HTML, error) {
	if p.content == "" {
		return `<div id="content"></div>` + "\n", nil
	}
	b, err := assets.ReadFile("assets/" + p.content)
	return template.HTML(b), err //nolint:gosec // a file of this package
}

func (p page) html() ([]byte, error) {
	var b bytes.Buffer
	err := frame.Execute(&b, p)
	return b.Bytes(), err
}
