// The access modules: how each stands, until when, and what completes it.
import { day, el } from "./page.js";
import { area, button, card, field, form, text } from "./fields.js";
import { policy } from "./profile.js";
import { hub } from "./session.js";

/** What the modules are called. */
export const titles = {
  twoFactor: "Two-factor authentication", identity: "Identity verification", training: "Training for the Registered Tier",
  controlledTraining: "Training for the Controlled Tier", codeOfConduct: "Data User Code of Conduct",
  profileConfirmation: "Profile confirmation", publicationConfirmation: "Publication confirmation",
};
const states = { missing: "To do", complete: "Complete", renewing: "Complete, renewal open", expired: "Expired", bypassed: "Waived by an admin" };
const tones = { missing: "todo", complete: "done", renewing: "todo", expired: "blocked", bypassed: "done" };
const tiers = { public: "public data", registered: "the Registered Tier", controlled: "the Controlled Tier" };

/** What stands between an account and the next tier, in words. */
function blockedWords(name) {
  if (name === "institution") return "an institution that lists your e-mail address for this tier";
  if (name === "accountDisabled") return "your account is disabled: ask the access team";
  return titles[name] || name;
}

/** One sentence on where an account stands. */
export function standing(account) {
  const reach = `You have access to ${tiers[account.tier] || account.tier}.`;
  if (!account.blocked?.length) return reach;
  const next = account.tier === "public" ? "registered" : "controlled";
  return `${reach} What is missing for ${tiers[next]}: ${account.blocked.map(blockedWords).join("; ")}.`;
}

function times(one) {
  const parts = [];
  if (one.expiresAt) parts.push(`${one.state === "expired" ? "It expired on" : "Valid until"} ${day(one.expiresAt)}.`);
  if (one.expiresAt && one.renewFrom && one.state === "complete") parts.push(`It can be renewed from ${day(one.renewFrom)}.`);
  parts.push(`Needed for ${one.tiers.map((tier) => tiers[tier] || tier).join(" and ")}.`);
  return parts.join(" ");
}

async function complete(module, body) {
  await hub(`/auth/v1/modules/${module}/completion`, { method: "POST", body });
}

async function conduct(account, done) {
  const code = await policy("codeOfConduct");
  if (!code) return [el("p", { text: "No version of the code is in force." })];
  return [el("p", { text: code.summary }), el("p", { class: "soft", text: `${code.title}, version ${code.version}. ${code.source}.` }),
    form("codeOfConduct-form", async (it) => {
      await complete("codeOfConduct", { fullName: text(it, "fullName"), initials: text(it, "initials"), version: code.version });
      await done("You have signed the Data User Code of Conduct.");
    }, "Sign", field("fullName", "Full name", `As in your profile: ${account.name}`, { autocomplete: "off", maxlength: "200" }),
    field("initials", "Initials", "", { autocomplete: "off", maxlength: "10" }))];
}

function confirmProfile(account, done) {
  return [el("p", {}, `You are ${account.name}, ${account.email}. Look through `, el("a", { href: "#profile", text: "your profile" }), ", change what is no longer right, then confirm it."),
    form("profileConfirmation-form", async () => {
      await complete("profileConfirmation", {});
      await done("Your profile is confirmed.");
    }, "My profile is right")];
}

function confirmPublications(account, done) {
  return [el("p", { text: "Say whether anything you published from the data is reported to the hub. Leave the field empty if there is nothing to report." }),
    form("publicationConfirmation-form", async (it) => {
      const reports = it.elements.reports.value.split(/[\s,;]+/).filter(Boolean);
      await complete("publicationConfirmation", reports.length ? { reports } : {});
      await done("Your publications are confirmed.");
    }, "Confirm", area("reports", "Reports", "The identifiers of your reports, one a line", { rows: "2", maxlength: "5000", autocomplete: "off" }))];
}

function identity(account, done) {
  return [el("p", { text: "An identity provider checks who you are, once. You leave the hub for its page, and it sends you back here." }),
    button("Start the check", async () => {
      const { url } = await hub("/auth/v1/modules/identity/start", { method: "POST", body: { returnTo: "/portal/account" } });
      const target = new URL(url, location.href);
      if (target.protocol !== "https:" && target.origin !== location.origin) throw new Error("The identity provider's address is not safe to open.");
      location.assign(target.href);
    }, { id: "identity-start" })];
}

function training(one) {
  const link = /^https:\/\//.test(one.link || "") ? el("p", {}, el("a", { href: one.link, rel: "noopener", text: "Go to the training" })) : null;
  return [el("p", { text: "The training is taken with the programme's training provider, under the e-mail address of your profile. The provider reports the completion to the hub, and it shows here; an access admin can enter one with evidence." }), link];
}

/** What completes each module, as elements. */
const acts = {
  twoFactor: () => [el("p", {}, el("a", { href: "/portal/security#second-factor", text: "Set up an authenticator app or a passkey" }), ".")],
  identity: (one, account, done) => identity(account, done),
  training, controlledTraining: training,
  codeOfConduct: (one, account, done) => conduct(account, done),
  profileConfirmation: (one, account, done) => confirmProfile(account, done),
  publicationConfirmation: (one, account, done) => confirmPublications(account, done),
};

async function section(one, account, done) {
  const open = one.state === "missing" || one.state === "expired" || one.state === "renewing";
  let parts = [];
  try {
    if (open) parts = await acts[one.module]?.(one, account, done) || [];
  } catch (problem) {
    parts = [el("p", { class: "says bad", text: problem.message })];
  }
  return el("section", { class: "module", id: one.module, tabindex: "-1", "aria-labelledby": `${one.module}-title` },
    el("h3", { id: `${one.module}-title` }, titles[one.module] || one.module, " ", el("span", { class: `state ${tones[one.state] || ""}`, text: states[one.state] || one.state })),
    el("p", { class: "soft", text: times(one) }), ...parts.filter(Boolean));
}

export async function modulesCard(account, done) {
  const sections = await Promise.all(account.modules.map((one) => section(one, account, done)));
  return card("modules", "What your access needs", el("p", { id: "standing", text: standing(account) }), ...sections);
}
