// One project's page, as everybody may read it.
import { ask, day, el } from "./page.js";
import { facts } from "./fields.js";

const labels = (list) => (list || []).map((one) => one.label).join("; ");

/** Draws a project into a place and makes the page its own. */
export async function showProject(id, place) {
  const project = await ask(`/directory/v1/projects/${encodeURIComponent(id)}`);
  const purpose = project.statement;
  document.title = `${project.name} – Research Hub`;
  document.querySelector("h1").textContent = project.name;
  document.querySelector(".lead").textContent = [project.ownerName, project.institution].filter(Boolean).join(", ");
  const text = (title, words) => (words ? [el("h3", { text: title }), el("p", { text: words })] : []);
  place.replaceChildren(
    el("p", {}, el("a", { href: "/portal/directory", text: "All projects" })),
    el("section", { class: "card", "aria-labelledby": "purpose-title" }, el("h2", { id: "purpose-title", text: "Research purpose" }),
      ...text("What is studied", purpose.intendedStudy),
      ...text("How", purpose.scientificApproach),
      ...text("What is expected", purpose.anticipatedFindings),
      el("h3", { text: "At a glance" }),
      facts(["Kind of purpose", labels(purpose.kinds)], ["Disease", purpose.disease],
        ["Populations in focus", purpose.focusOnPopulations ? labels(purpose.populations) : "No group in particular"],
        ["Results are told by", labels(purpose.channels)], ["Hoped for", labels(purpose.outcomes)],
        ["Data", `${project.tier === "controlled" ? "Controlled" : "Registered"} Tier, release ${project.releaseId}`],
        ["Since", day(project.createdAt)], ["Last changed", day(project.updatedAt)])),
    el("section", { class: "card", "aria-labelledby": "review-title" }, el("h2", { id: "review-title", text: "Does something worry you?" }),
      el("p", { text: "Anyone can ask the review board whether a project keeps to the policies below. No account is needed; you confirm by e-mail that it is you who asks." }),
      el("p", {}, el("a", { id: "ask-review", href: `/portal/review-request#project=${encodeURIComponent(project.id)}`, text: "Ask the review board to look at this project" }))));
  place.hidden = false;
}
