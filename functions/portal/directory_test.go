package portal

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/testkit"
)

// firstProjects is a page of a search, oneProject what the directory says of one,
// with hostile text wherever somebody could have written some.
const (
	firstProjects = `{"total":1234,"next":"c2","items":[{"id":"ws_1","name":"Metformin & <i>age</i>","tier":"controlled","releaseId":"r2026","ownerName":"Ada <b>Researcher</b>","institution":"Example University","kinds":["genetic"],"populations":[],"summary":"Whether metformin helps. <img src=x onerror=\"document.title='broken in'\">","createdAt":"2026-03-01T09:00:00Z","updatedAt":"2026-03-01T09:00:00Z",
"highlights":[{"field":"name","parts":[{"text":"Metformin","hit":true},{"text":" & <i>age</i>","hit":false}]},{"field":"scientificApproach","parts":[{"text":"… cohorts on ","hit":false},{"text":"metformin","hit":true},{"text":" <b>only</b> …","hit":false}]}]}],
"facets":{"tier":[{"value":"registered","label":"Registered Tier","projects":900},{"value":"controlled","label":"Controlled Tier","projects":334}],"kind":[{"value":"genetic","label":"Genetic research","projects":12}],"population":[],"institution":[{"value":"Example <u>University</u>","label":"Example <u>University</u>","projects":3}],"year":[{"value":"2026","label":"2026","projects":40}]}}`
	oneProject = `{"id":"ws_1","name":"Metformin & <i>age</i>","tier":"controlled","releaseId":"r2026","ownerName":"Ada Researcher","institution":"Example University","createdAt":"2026-03-01T09:00:00Z","updatedAt":"2026-03-02T09:00:00Z",
"statement":{"kinds":[{"code":"genetic","label":"Genetic research"},{"code":"other","label":"Other purpose: <u>Habits</u>"}],"intendedStudy":"Whether metformin helps.","scientificApproach":"Cohorts. <img src=x onerror=\"document.title='broken in'\">","anticipatedFindings":"That it does.","channels":[{"code":"journals","label":"Publication in scientific journals"}],"outcomes":[],"focusOnPopulations":true,"populations":[{"code":"age65to74","label":"Older adults (65–74)"}]}}`
)

// searches are the searches asked so far.
func (h *hubSite) searches() []string { return h.asked("GET /directory/v1/search") }

func (h *hubSite) searched(t *testing.T, want string) {
	t.Helper()
	all := h.searches()
	if len(all) == 0 {
		t.Fatal("nothing is searched")
	}
	if d := cmp.Diff("GET /directory/v1/search?"+want, all[len(all)-1]); d != "" {
		t.Error(d)
	}
}

// theDirectoryIsSearched types, filters, turns the page, and goes back.
func theDirectoryIsSearched(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes)
	h.handle("GET /directory/v1/search", func(w http.ResponseWriter, r *http.Request) {
		q, body := r.URL.Query(), firstProjects
		switch {
		case q.Get("cursor") == "c2":
			body = strings.NewReplacer("ws_1", "ws_2", "Metformin", "Second", `"next":"c2",`, "").Replace(body)
		case q.Get("query") == "nothing":
			body = `{"total":0,"items":[],"facets":{"tier":[],"kind":[],"population":[],"institution":[],"year":[]}}`
		case q.Get("query") == "astma":
			body = strings.Replace(body, `"total":1234`, `"total":1,"relaxed":true,"partial":true,"corrections":[{"word":"astma","used":["asthma"]}]`, 1)
		case q.Get("kind") == "genetic":
			body = strings.Replace(body, `"projects":12`, `"projects":12,"chosen":true`, 1)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	})
	b := open(t, browser, h.url+"/portal/directory")
	b.there("#projects li", "#facets input")
	if got := b.text(`document.querySelectorAll("mark").length + [...document.querySelectorAll("mark")].map((one) => " " + one.innerText).join("")`); got != "2 Metformin metformin" {
		t.Errorf("marked: %s", got)
	}
	b.Shows("… cohorts on metformin <b>only</b> …")
	b.Type("#search [name=query]", `metformin "old age"`)
	b.Click("#search button")
	b.Until(`location.search === "?query=metformin+%22old+age%22"`)
	b.Click("#facets [name=kind][value=genetic]")
	b.Until(`document.querySelector("#facets [name=kind]").checked && document.querySelector("#filters-count").innerText === "(1 chosen)"`)
	b.focused("#facets [name=kind][value=genetic]")
	h.searched(t, "query=metformin+%22old+age%22&kind=genetic")
	b.choose("#search [name=sort]", "name")
	b.Until(`location.search.endsWith("sort=name&kind=genetic")`)
	// The file follows when the search has been answered.
	b.Until(`document.querySelector("#csv").getAttribute("href") === "/directory/v1/downloads/csv?query=metformin+%22old+age%22&sort=name&kind=genetic"`)
	b.there("#clear")
	b.shot("directory-filtered")
	b.Click("#more")
	b.Until(`document.querySelectorAll("#projects li").length === 2 && document.querySelector("#more").hidden`)
	b.focused(`#projects a[href="/portal/directory?project=ws_2"]`)
	h.searched(t, "query=metformin+%22old+age%22&sort=name&kind=genetic&cursor=c2")
	b.Click("#clear")
	b.Until(`location.search === "?query=metformin+%22old+age%22&sort=name" && !document.querySelector("#facets input:checked")`)
	b.Call(`() => history.go(-3)`, nil)
	b.Until(`location.search === "?query=metformin+%22old+age%22" && document.querySelector("[name=sort]").value === ""`)

	for _, c := range []struct{ query, says string }{
		{"nothing", "No project matches. Try fewer words or filters."},
		{"astma", "No project has “astma”. Searched instead: asthma."},
	} {
		b.Goto(h.url + "/portal/directory?query=" + c.query) // an address that was shared
		b.Shows(c.says)
		if got := b.text(`document.querySelector("[name=query]").value`); got != c.query {
			t.Errorf("the box has %q", got)
		}
		b.narrowAndAccessible("directory-" + c.query)
	}
	b.Shows("No project has all of these words. These have the most of them.")

	h.handle("GET /directory/v1/search", nil)
	h.set("GET /directory/v1/search", `503 {"detail":"The directory cannot be searched right now. Try again in a minute.","code":"unavailable"}`)
	b.Click("#search button")
	b.Shows("The directory cannot be searched right now. Try again in a minute.")
}

// aProjectIsShared opens a project's own address, signed out, on a phone.
func aProjectIsShared(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes)
	b := open(t, browser, h.url+"/portal/directory")
	b.Size(390, 800)
	b.there("#projects li")
	b.Until(`!document.querySelector("#filters").open`) // they would stand before the projects
	b.shot("directory-phone")
	b.Click("#projects a")
	b.there("#ask-review")
	b.Until(`location.pathname + location.search === "/portal/directory?project=ws_1"`)
	if got := b.text("document.title + '|' + document.querySelector('h1').innerText"); got != "Metformin & <i>age</i> – Research Hub|Metformin & <i>age</i>" {
		t.Errorf("title and heading: %s", got)
	}
	if got := b.text(`document.querySelector("#ask-review").getAttribute("href")`); got != "/portal/review-request#project=ws_1" {
		t.Errorf("the way to the board: %s", got)
	}
	b.shot("project-phone")
	h.set("GET /directory/v1/projects/ws_9", `404 {"detail":"There is no such project.","code":"notFound"}`)
	b.Goto(h.url + "/portal/directory?project=ws_9")
	b.Shows("There is no such project.")
	if len(h.asked("GET /auth")) != 0 {
		t.Error("a public page asks for an account")
	}
}

func theCommunitysList(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes)
	list := routes["GET /directory/v1/community"]
	h.handle("GET /directory/v1/community", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := list
		switch q := r.URL.Query(); {
		case q.Get("category") == "demo":
			body = `{"items":[]}`
		case q.Get("cursor") == "":
			body = strings.TrimSuffix(list, "}") + `,"next":"sn_1"}`
		}
		_, _ = w.Write([]byte(body))
	})
	b := open(t, browser, h.url+"/portal/community")
	b.there("#list li", "#more")
	b.Click("#more")
	b.Until(`document.querySelectorAll("#list li").length === 2 && document.querySelector("#more").hidden`)
	b.choose("[name=category]", "demo")
	b.Shows("Nothing is published here yet.")
}
