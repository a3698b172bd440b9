// What the researcher's page shows besides forms.
import { acting, day, el } from "./page.js";
import { hub } from "./session.js";

const stateWords = { done: "Done", todo: "To do", blocked: "Blocked", notYet: "Not yet" };
const tierWords = { public: "public data only", registered: "the Registered Tier", controlled: "the Controlled Tier" };

function stepLine(step, titles) {
  const notes = [];
  if (step.blockedBy?.length) notes.push(`First: ${step.blockedBy.map((id) => titles.get(id) || id).join("; ")}.`);
  if (step.due) notes.push(`${step.state === "done" ? "Valid until" : "Due"} ${day(step.due)}.`);
  if (step.note) notes.push(step.note);
  const title = step.state === "todo" && step.link !== "/portal/" ? el("a", { href: step.link, text: step.title }) : el("span", { text: step.title });
  return el("li", {}, el("span", { class: `state ${step.state}`, text: stateWords[step.state] || step.state }),
    el("div", {}, title, notes.length ? el("small", { text: notes.join(" ") }) : null));
}

export function mapCard(steps, account) {
  const titles = new Map(steps.map((step) => [step.id, step.title]));
  const stages = [...new Set(steps.map((step) => step.stage))];
  const done = steps.filter((step) => step.state === "done").length;
  const reach = account ? ` You have access to ${tierWords[account.tier] || account.tier}.` : "";
  return el("section", { class: "card", "aria-labelledby": "map-title" }, el("h2", { id: "map-title", text: "Research Map" }),
    el("p", { class: "soft", text: `${done} of ${steps.length} steps done.${reach}` }),
    ...stages.flatMap((stage) => [el("h3", { text: stage }),
      el("ol", { class: "steps" }, ...steps.filter((step) => step.stage === stage).map((step) => stepLine(step, titles)))]));
}

export function workspacesCard({ items: workspaces }) {
  const line = (one) => el("li", {}, el("strong", { text: one.name }), el("div", {},
    el("small", { text: [`${one.tier} tier`, one.role, one.state, `release ${one.releaseId}`, one.canOpen ? "" : "your access does not open it now"].filter(Boolean).join(" · ") })));
  return el("section", { class: "card", "aria-labelledby": "workspaces-title" }, el("h2", { id: "workspaces-title", text: "Workspaces" }),
    workspaces.length ? el("ul", { class: "list" }, ...workspaces.map(line))
      : el("p", { class: "soft" }, "You have no workspace yet. ", el("a", { href: "/workspace/docs", text: "Create one through the hub's interface" }), "."));
}

export function noticesCard({ items: notices }, done) {
  const line = (one) => el("li", {},
    el("div", { class: one.read ? "" : "unread", text: one.title }), el("div", { text: one.text }), el("small", { text: day(one.at) }),
    one.read || one.locked ? null : el("div", {}, el("button", { class: "plain", type: "button", text: "Mark as read", "aria-label": `Mark as read: ${one.title}`,
      on: { click: acting(async () => { await hub(`/portal/v1/notices/${one.id}/read`, { method: "POST" }); await done(); }) } })));
  return el("section", { class: "card", "aria-labelledby": "notices-title" }, el("h2", { id: "notices-title", text: "Notices" }),
    notices.length ? el("ul", { class: "list" }, ...notices.map(line)) : el("p", { class: "soft", text: "There are none." }));
}
