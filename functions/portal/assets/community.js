// What researchers have published to the community: a list that everybody may
// read. What is in a snapshot is for those who have its tier.
import { acting, ask, day, el, say } from "./page.js";

const form = document.getElementById("search");
const place = document.getElementById("list");
const more = document.getElementById("more");
const kinds = { cohorts: ["cohort", "cohorts"], conceptSets: ["concept set", "concept sets"], dataSets: ["data set", "data sets"], notebooks: ["notebook", "notebooks"] };
const categories = Object.fromEntries([...form.elements.category.options].map((one) => [one.value, one.text]));
let next = "";

const contents = (all) => Object.entries(kinds).filter(([kind]) => all[kind]).map(([kind, [one, many]]) => `${all[kind]} ${all[kind] === 1 ? one : many}`).join(", ");

const line = (one) => el("li", {},
  el("h3", { class: "title", text: one.title }), el("p", { text: one.description }),
  el("p", { class: "small", text: contents(one.contents || {}) }),
  el("small", { text: [one.ownerName, one.institution, categories[one.category] || one.category, `${one.tier} tier`, `version ${one.version}`, day(one.publishedAt)].filter(Boolean).join(" · ") }));

async function load(cursor = "") {
  const all = { category: form.elements.category.value, tier: form.elements.tier.value, cursor };
  const page = await ask(`/directory/v1/community?${new URLSearchParams(Object.entries(all).filter(([, value]) => value))}`);
  next = page.next || "";
  more.hidden = !next;
  if (cursor) {
    place.querySelector("ul").append(...page.items.map(line));
    return;
  }
  place.replaceChildren(page.items.length ? el("ul", { class: "list" }, ...page.items.map(line)) : el("p", { class: "soft", text: "Nothing is published here yet." }));
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", acting(() => load()));
more.addEventListener("click", acting(() => load(next)));
load().catch((problem) => {
  place.replaceChildren();
  say("", problem);
});
