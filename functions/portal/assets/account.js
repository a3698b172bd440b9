// The page of profile and access modules.
import { el } from "./page.js";
import { card } from "./fields.js";
import { modulesCard } from "./modules.js";
import { profileCard, termsCard } from "./profile.js";
import { start } from "./shell.js";

start(async ({ user, account, refresh }) => {
  if (!account) return [];
  const [terms, modules] = await Promise.all([
    termsCard(account, refresh).catch((problem) => el("p", { class: "says bad", text: problem.message })), modulesCard(account, refresh)]);
  const survey = card("survey-link", "Survey about you", el("p", {}, "There is a short ", el("a", { href: "/portal/survey", text: "survey about who the hub's researchers are" }),
    ". It is optional, kept apart from your profile and never exported."));
  return [terms, el("div", { class: "columns" }, el("div", {}, modules), el("div", {}, profileCard(account, user, refresh), survey))].filter(Boolean);
});
