package testkit_test

import (
	"bytes"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// form is a page whose field and button come late, as drawn ones do.
const form = `<!doctype html><title>Form</title><link rel="icon" href="data:,"><body style="margin: 0; height: 3000px"><p></p><script>
setTimeout(() => {
  document.body.insertAdjacentHTML("beforeend", '<form><input value="old"><button>Send</button></form>');
  document.querySelector("form").onsubmit = (event) => { event.preventDefault(); document.querySelector("p").textContent = "Sent " + document.querySelector("input").value + " by " + (event.submitter === document.activeElement ? "its button" : "Enter"); };
  onkeydown = (event) => { if (event.key === "Escape") document.querySelector("p").textContent = "Left"; };
}, 50);
</script>`

func TestInputInChromium(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(form))
	}))
	t.Cleanup(srv.Close)
	browser := testkit.Chromium(t)
	t.Run("in a subtest", func(t *testing.T) {
		page := browser.For(t).Open(srv.URL)
		page.Type("input", "new")
		page.Click("button")
		page.Shows("Sent new by its button")
		page.Type("input", "newer")
		page.Press("Enter")
		page.Shows("Sent newer by Enter")
		page.Press("Tab")
		page.Until(`document.activeElement.tagName === "BUTTON"`)
		page.Press("Escape")
		page.Shows("Left")
		page.Size(320, 500)
		page.Until(`innerWidth === 320`)
		picture, err := png.DecodeConfig(bytes.NewReader(page.Screenshot()))
		if err != nil || picture.Height < 3000 {
			t.Errorf("the picture is %d high (%v)", picture.Height, err)
		}
	})
}
