// The Research Projects Directory's page.
import { acting, ask, day, el, say } from "./page.js";

const form = document.getElementById("search");
const place = document.getElementById("projects");
const more = document.getElementById("more");
let all = [];
let next = "";

function card(project) {
  const purpose = project.purpose || {};
  const part = (title, text) => (text ? [el("h3", { text: title }), el("p", { text })] : []);
  return el("li", {},
    el("details", {},
      el("summary", {}, el("strong", { text: project.name })),
      ...part("What is studied", purpose.intendedStudy),
      ...part("How", purpose.scientificApproach),
      ...part("What is expected", purpose.anticipatedFindings)),
    el("small", { text: [project.ownerName, project.institution, `${project.tier} tier`, day(project.createdAt)].filter(Boolean).join(" · ") }));
}

function draw() {
  const words = form.elements.query.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((project) => {
    const text = JSON.stringify(project).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  place.replaceChildren(found.length ? el("ul", { class: "list" }, ...found.map(card))
    : el("p", { class: "soft", text: all.length ? "None of the projects shown matches." : "There is no project yet." }));
  more.hidden = !next;
}

async function load() {
  const query = new URLSearchParams({ limit: "50" });
  if (next) query.set("cursor", next);
  const page = await ask(`/directory/v1/projects?${query}`);
  all = all.concat(page.items);
  next = page.next || "";
  draw();
}

async function policies() {
  const { items: list } = await ask("/directory/v1/policies");
  document.getElementById("policy-list").replaceChildren(el("ul", { class: "list" }, ...list.map((one) =>
    el("li", {}, el("strong", { text: one.title }), el("p", { text: one.summary || "" }),
      el("small", { text: `Version ${one.version}, in force since ${day(one.effectiveAt)}` })))));
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", draw);
more.addEventListener("click", acting(load));

for (const [part, id] of [[load, "projects"], [policies, "policy-list"]]) {
  part().catch((problem) => {
    document.getElementById(id).replaceChildren();
    say("", problem);
  });
}
