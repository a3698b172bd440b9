package portal

import (
	"net/http"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// TestReviewRequestsInChromium asks for a review and confirms one, for real.
func TestReviewRequestsInChromium(t *testing.T) {
	browser := testkit.Chromium(t)
	t.Run("opening the link confirms nothing, the button does", func(t *testing.T) { confirmingARequest(t, browser) })
	t.Run("asking for a review", func(t *testing.T) { askingForAReview(t, browser) })
}

const (
	mailedRequest = "/portal/review-request#request=rr_1&token=the-token"
	confirmRoute  = "POST /directory/v1/review-requests/rr_1/confirmation"
	askRoute      = "POST /directory/v1/projects/ws_1/review-requests"
)

func confirmingARequest(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{confirmRoute: `503 {"detail":"The store does not answer right now. Try again.","code":"unavailable"}`})
	b := open(t, browser, h.url+mailedRequest)
	b.there("#confirm-request")
	b.shot("review-confirm")
	b.narrowAndAccessible("review-confirm")
	// A GET does nothing, and the token is neither at a server nor in the history.
	if asked := h.asked("POST"); len(asked) != 0 {
		t.Fatalf("opening the link asked %v", asked)
	}
	for _, one := range h.asked("") {
		if strings.Contains(one, "the-token") {
			t.Errorf("the token went to the server in %s", one)
		}
	}
	if got := b.text("location.href"); strings.Contains(got, "token") {
		t.Errorf("the address still is %s", got)
	}
	b.Click("#confirm-request")
	b.Shows("The store does not answer right now.")
	h.set(confirmRoute, `{"message":"Your request is with the review board."}`)
	b.Click("#confirm-request")
	b.Shows("Your request is with the review board.")
	b.focused("#done")
	want := `POST /directory/v1/review-requests/rr_1/confirmation {"token":"the-token"}`
	if asked := h.asked("POST"); len(asked) != 2 || asked[0] != want || asked[1] != want {
		t.Errorf("asked %v", asked)
	}
	// A link that does not work any more says so.
	h.set(confirmRoute, `404 {"detail":"This link is not valid, or it has expired.","code":"notFound"}`)
	b = open(t, browser, h.url+mailedRequest)
	b.Click("#confirm-request")
	b.Shows("This link is not valid, or it has expired.")
	b.focused("#says .bad")
	b = open(t, browser, h.url+"/portal/review-request")
	b.Shows("Open the link of the mail again")
}

func askingForAReview(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{
		"GET /directory/v1/projects/ws_1": `{"id":"ws_1","name":"Metformin <img src=x onerror=\"document.title='broken in'\">"}`,
		askRoute:                          `422 {"detail":"Some fields need attention.","code":"invalid","errors":[{"location":"body.reason","message":"Write what the board should look at."}]}`,
	})
	b := open(t, browser, h.url+"/portal/review-request#project=ws_1")
	b.there("#ask-form")
	b.Shows("Metformin <img src=x")
	b.shot("review-ask")
	b.narrowAndAccessible("review-ask")
	b.Type("#ask-form [name=email]", "rita@example.org")
	b.Type("#ask-form [name=reason]", "It blames people.")
	b.Click("#ask-form button")
	b.focused("#ask-form [name=reason][aria-invalid]")
	h.set(askRoute, `202 {"message":"A mail with a link is on its way to this address."}`)
	b.Click("#ask-form button")
	b.Shows("A mail with a link is on its way to this address.")
	asked := h.asked("POST")
	want := `POST /directory/v1/projects/ws_1/review-requests {"email":"rita@example.org","name":"","reason":"It blames people."}`
	if len(asked) != 2 || asked[1] != want {
		t.Errorf("asked %v", asked)
	}
	if title := b.text("document.title"); strings.Contains(title, "broken in") {
		t.Error("text became code")
	}
	h.handle("GET /directory/v1/projects/ws_2", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"detail":"There is no such project.","code":"notFound"}`))
	})
	b = open(t, browser, h.url+"/portal/review-request#project=ws_2")
	b.Shows("There is no such project.")
}
