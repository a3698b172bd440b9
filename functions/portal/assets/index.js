// The researcher's page: who is signed in decides what it shows.
import { say, el } from "./page.js";
import { addressForm, conductForm, confirmForm, enrolForm, profileForm, codeForm, signInForms } from "./forms.js";
import { mapCard, noticesCard, workspacesCard } from "./cards.js";
import { hub, profile, signedIn, signOut } from "./session.js";

const content = document.getElementById("content");
const who = document.getElementById("who");

function header(account) {
  who.hidden = !account;
  who.replaceChildren();
  if (!account) return;
  who.append(el("span", { text: account.email }),
    el("button", { class: "plain", type: "button", on: { click: () => { signOut(); show(); } }, text: "Sign out" }));
}

/** The profile in the hub, null where there is none yet. */
async function hubAccount() {
  try {
    return await hub("/auth/v1/account");
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

/** What the person should do next, as forms; the map shows the whole journey. */
async function nextForms(user, account) {
  if (!account) return [user.emailVerified ? profileForm(show) : addressForm(user, show)];
  const forms = [];
  const missing = (name) => account.modules.some((one) => one.module === name && (one.state === "missing" || one.state === "expired" || one.state === "renewing"));
  if (missing("twoFactor")) forms.push(enrolForm(show));
  else if (account.session.level < 2) forms.push(codeForm(show));
  if (missing("codeOfConduct")) forms.push(await conductForm(account, show));
  if (missing("profileConfirmation")) forms.push(confirmForm("profileConfirmation", "Confirm your profile",
    `You are ${account.name}, ${account.email}. Confirm once a year that this is right.`, "Confirm", show));
  if (missing("publicationConfirmation")) forms.push(confirmForm("publicationConfirmation", "Confirm your publications",
    "Say once a year whether anything you published from the data still has to be reported.", "I have nothing to report", show));
  return forms;
}

/** Draw the page anew; message says what has just been done. */
export async function show(message = "") {
  if (!signedIn()) {
    header(null);
    content.replaceChildren(signInForms(show));
    say(message);
    return;
  }
  try {
    const user = await profile();
    header(user);
    const account = await hubAccount();
    const [forms, map, notices] = await Promise.all([nextForms(user, account), hub("/portal/v1/research-map"), hub("/portal/v1/notices?limit=10")]);
    const side = [noticesCard(notices, show)];
    if (account?.session.level >= 2) side.unshift(workspacesCard(await hub("/workspace/v1/workspaces?limit=20")));
    content.replaceChildren(el("div", { class: "columns" },
      el("div", {}, ...forms, mapCard(map.steps, account)), el("div", {}, ...side)));
    say(message);
    if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.focus();
  } catch (problem) {
    say("", problem);
    if (!signedIn()) {
      header(null);
      content.replaceChildren(signInForms(show));
    }
  }
}

addEventListener("hashchange", () => document.getElementById(location.hash.slice(1))?.focus());
show();
