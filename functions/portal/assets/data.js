// The Data Browser's page.
import { acting, ask, el, say } from "./page.js";

const form = document.getElementById("search");
const place = document.getElementById("concepts");
const more = document.getElementById("more");
let next = "";

function parameters(cursor) {
  const all = { query: form.elements.query.value, domain: form.elements.domain.value, release: form.elements.release.value, limit: "25", cursor };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value));
}

function line(concept) {
  return el("tr", {},
    el("td", {}, concept.name, el("div", { class: "soft", text: `${concept.vocabulary} ${concept.code || ""} · concept ${concept.conceptId}` })),
    el("td", { text: concept.domain }),
    el("td", { class: "number", text: concept.participants.text }),
    el("td", { class: "number", text: concept.participantsWithDescendants.text }));
}

async function show(cursor = "") {
  const page = await ask(`/browser/v1/concepts?${parameters(cursor)}`);
  next = page.next || "";
  more.hidden = !next;
  if (!cursor) {
    if (!page.items.length) {
      place.replaceChildren(el("p", { class: "soft", text: "No concept that participants have matches." }));
      return;
    }
    const head = el("tr", {}, el("th", { scope: "col", text: "Concept" }), el("th", { scope: "col", text: "Domain" }),
      el("th", { scope: "col", class: "number", text: "Participants" }), el("th", { scope: "col", class: "number", text: "With what is below it" }));
    place.replaceChildren(el("table", {}, el("caption", { text: "Participants, rounded up to multiples of 20" }),
      el("thead", {}, head), el("tbody", {})));
  }
  place.querySelector("tbody").append(...page.items.map(line));
}

async function domains() {
  const release = form.elements.release.value;
  const list = await ask(`/browser/v1/domains?${new URLSearchParams({ release })}`);
  const all = form.elements.domain.firstElementChild;
  form.elements.domain.replaceChildren(all, ...list.items.map((one) =>
    el("option", { value: one.domain, text: `${one.domain} (${one.concepts})` })));
}

form.addEventListener("submit", acting(() => show()));
more.addEventListener("click", acting(() => show(next)));
form.elements.domain.addEventListener("change", () => form.requestSubmit());
form.elements.release.addEventListener("change", acting(async () => { await domains(); await show(); }));

try {
  const { items: releases } = await ask("/browser/v1/releases");
  form.elements.release.append(...releases.map((one) =>
    el("option", { value: one.id, text: `${one.title || one.id} (${one.participants.text} participants)` })));
  if (releases.length) {
    await domains();
    await show();
  } else {
    place.replaceChildren(el("p", { class: "soft", text: "No data release is published yet." }));
  }
} catch (problem) {
  place.replaceChildren();
  say("", problem);
}
