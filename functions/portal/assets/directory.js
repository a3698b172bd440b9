// The Research Projects Directory's page: the search and what it finds. What is
// searched stands in the page's address, so that it can be shared.
import { acting, ask, day, el, say } from "./page.js";
import { showProject } from "./project.js";

const form = document.getElementById("search");
const place = document.getElementById("projects");
const more = document.getElementById("more");
const facets = document.getElementById("facets");
const filters = document.getElementById("filters");
const clear = document.getElementById("clear");
const titles = { tier: "Data tier", kind: "Kind of purpose", population: "Populations in focus", institution: "Institution", year: "Year of start" };
let next = "";
let turn = 0;

/** What the page's address asks for. */
const chosen = () => new URLSearchParams(location.search);

/** What the form asks for. */
function read() {
  const wanted = new URLSearchParams();
  for (const name of ["query", "sort"]) if (form.elements[name].value.trim()) wanted.set(name, form.elements[name].value.trim());
  for (const box of facets.querySelectorAll("input:checked")) wanted.append(box.name, box.value);
  return wanted;
}

/** A text in parts, what matched in it marked. */
const marked = (parts) => parts.map((one) => (one.hit ? el("mark", { text: one.text }) : one.text));

function line(project) {
  const matches = Object.fromEntries((project.highlights || []).map((one) => [one.field, one.parts]));
  const inText = ["disease", "intendedStudy", "scientificApproach", "anticipatedFindings"].find((field) => matches[field]);
  const or = (field, text) => (matches[field] ? marked(matches[field]) : [text]);
  return el("li", {},
    el("h3", { class: "title" }, el("a", { href: `/portal/directory?${new URLSearchParams({ project: project.id })}` }, ...or("name", project.name))),
    el("p", {}, ...(inText ? [inText === "disease" ? "Disease: " : "", ...marked(matches[inText])] : [project.summary])),
    el("small", {}, ...or("ownerName", project.ownerName), " · ", ...or("institution", project.institution || "no institution"), ` · ${project.tier} tier · since ${day(project.createdAt)}`));
}

function drawFacets(all) {
  const focus = document.activeElement?.closest("#facets") ? [document.activeElement.name, document.activeElement.value] : null;
  const parts = Object.entries(titles).filter(([name]) => all[name]?.length).map(([name, title]) => el("fieldset", { class: "field" }, el("legend", { text: title }),
    el("div", { class: all[name].length > 12 ? "long" : "", ...(all[name].length > 12 ? { tabindex: "0", role: "group", "aria-label": title } : {}) },
      ...all[name].map((one) => el("label", { class: "tick" },
        el("input", { type: "checkbox", name, value: one.value, checked: Boolean(one.chosen) }), el("span", {}, one.label, el("span", { class: "soft", text: ` (${one.projects.toLocaleString("en-GB")})` })))))));
  facets.replaceChildren(...parts);
  const count = facets.querySelectorAll("input:checked").length;
  document.getElementById("filters-count").textContent = count ? `(${count} chosen)` : "";
  clear.hidden = !count;
  if (focus) [...facets.querySelectorAll("input")].find((one) => one.name === focus[0] && one.value === focus[1])?.focus();
}

function drawNote(page) {
  const lines = [`${page.total.toLocaleString("en-GB")} ${page.total === 1 ? "project" : "projects"}`];
  if (page.relaxed) lines.push("No project has all of these words. These have the most of them.");
  for (const one of page.corrections || []) lines.push(`No project has “${one.word}”. Searched instead: ${one.used.join(", ")}.`);
  if (page.partial) lines.push("The oldest projects are not among those searched.");
  document.getElementById("note").replaceChildren(...lines.map((text, i) => el("p", { text, class: i ? "" : "soft" })));
}

function drawFiles(wanted, total) {
  for (const format of ["csv", "json"]) document.getElementById(format).href = `/directory/v1/downloads/${format}?${wanted}`;
  document.getElementById("files").hidden = !total;
}

/** Search what the address asks for, from the first page. */
async function search() {
  const wanted = chosen();
  const mine = ++turn;
  const page = await ask(`/directory/v1/search?${wanted}`);
  if (mine !== turn) return; // a later search has been asked for
  next = page.next || "";
  more.hidden = !next;
  drawFacets(page.facets);
  drawNote(page);
  drawFiles(wanted, page.total);
  place.replaceChildren(page.items.length ? el("ol", { class: "list" }, ...page.items.map(line))
    : el("p", { class: "soft", text: wanted.size ? "No project matches. Try fewer words or filters." : "There is no project yet." }));
}

async function turnPage() {
  const wanted = chosen();
  const mine = turn;
  wanted.set("cursor", next);
  const page = await ask(`/directory/v1/search?${wanted}`);
  if (mine !== turn) return;
  next = page.next || "";
  more.hidden = !next;
  const lines = page.items.map(line);
  place.querySelector("ol").append(...lines);
  lines[0]?.querySelector("a").focus();
}

function submit(wanted) {
  const address = wanted.size ? `?${wanted}` : location.pathname;
  if (`?${wanted}` !== location.search) history.pushState(null, "", address);
  return search();
}

function fill() {
  const wanted = chosen();
  form.elements.query.value = wanted.get("query") || "";
  form.elements.sort.value = wanted.get("sort") || "";
}

async function policies() {
  const { items: list } = await ask("/directory/v1/policies");
  document.getElementById("policy-list").replaceChildren(el("ul", { class: "list" }, ...list.map((one) =>
    el("li", {}, el("strong", { text: one.title }), el("p", { text: one.summary || "" }),
      el("small", { text: `Version ${one.version}, in force since ${day(one.effectiveAt)}` })))));
}

async function start() {
  const id = chosen().get("project");
  if (id) {
    document.getElementById("found").hidden = true;
    return showProject(id, document.getElementById("project"));
  }
  fill();
  const roomy = matchMedia("(min-width: 56rem)");
  const unfold = () => { filters.open = roomy.matches; };
  roomy.addEventListener("change", unfold);
  unfold();
  return search();
}

const again = acting(() => submit(read()));
form.addEventListener("submit", again);
form.elements.sort.addEventListener("change", again);
facets.addEventListener("change", again);
clear.addEventListener("click", acting(async () => {
  for (const box of facets.querySelectorAll("input:checked")) box.checked = false;
  await submit(read());
  filters.querySelector("summary").focus();
}));
more.addEventListener("click", acting(turnPage));
window.addEventListener("popstate", () => {
  fill();
  search().catch((problem) => say("", problem));
});

for (const [part, id] of [[start, "projects"], [policies, "policy-list"]]) {
  part().catch((problem) => {
    document.getElementById(id).replaceChildren();
    say("", problem);
  });
}
