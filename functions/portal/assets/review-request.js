// Asking the review board to look at a project, and confirming that one asked.
// What the page is about stands behind the '#', which no server sees: a project,
// or a request with its token. Opening the page does nothing: mail programs open
// links on their own. The button does.
import { ask, el, say } from "./page.js";
import { area, button, card, field, form } from "./fields.js";

const place = document.getElementById("content");

/** What happened, in place of what was asked; the focus goes there. */
function done(title, answer) {
  place.replaceChildren(card("done", title, el("p", { text: answer.message }), el("p", {}, el("a", { href: "/portal/directory", text: "To the projects" }))));
  document.getElementById("done").focus();
}

const post = (url, body) => ask(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function confirmation(request, token) {
  place.replaceChildren(card("confirm", "Send your request",
    el("p", { text: "You asked the review board to look at a project. Press the button to send your request. The board reads your address, your name and your reason; the project's researchers and the public do not." }),
    button("Send my request to the board", async () => {
      done("Sent", await post(`/directory/v1/review-requests/${encodeURIComponent(request)}/confirmation`, { token }));
    }, { id: "confirm-request" })));
}

async function asking(id) {
  const project = await ask(`/directory/v1/projects/${encodeURIComponent(id)}`);
  place.replaceChildren(card("ask", "Ask for a review",
    el("p", {}, "You ask the review board to look at the project ", el("strong", { text: project.name }), ". A mail with a link comes to your address; your request is sent when you press the button there."),
    el("p", { class: "soft", text: "The board reads your address, your name and your reason. The project's researchers and the public do not." }),
    form("ask-form", async (from) => {
      const value = (name) => from.elements[name].value;
      done("One more step", await post(`/directory/v1/projects/${encodeURIComponent(id)}/review-requests`,
        { email: value("email"), name: value("name"), reason: value("reason") }));
    }, "Ask for a review",
    field("email", "Your e-mail address", "", { type: "email", autocomplete: "email", maxlength: "254" }),
    field("name", "Your name", "If you like.", { required: false, autocomplete: "name", maxlength: "80" }),
    area("reason", "What should the board look at?", "At most 1,000 characters.", { required: true, maxlength: "1000" }))));
}

async function begin() {
  const about = new URLSearchParams(location.hash.slice(1));
  const request = about.get("request");
  const token = about.get("token");
  const project = about.get("project");
  say("");
  if (request && token) {
    // The token stays in this page's memory and leaves the browser's history.
    history.replaceState(null, "", location.pathname);
    confirmation(request, token);
    return;
  }
  if (project) {
    await asking(project).catch((problem) => {
      place.replaceChildren();
      say("", problem);
    });
    return;
  }
  place.replaceChildren(card("nothing", "Nothing to confirm here",
    el("p", { text: "Open the link of the mail again, or choose a project and ask for a review from there." }),
    el("p", {}, el("a", { href: "/portal/directory", text: "To the projects" }))));
}

// A second link that is opened in this tab changes what is behind the '#' alone.
addEventListener("hashchange", () => { if (location.hash) begin(); });
await begin();
