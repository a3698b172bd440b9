// What every page of a researcher has: who is signed in, signing in where
// nobody is, and drawing anew after each act.
import { el, say } from "./page.js";
import { forget, hub, profile, signedIn, signOut } from "./session.js";
import { addressCard, signInForms } from "./signin.js";
import { profileCard } from "./profile.js";
import "./secondstep.js";

const content = document.getElementById("content");
const who = document.getElementById("who");

async function leave() {
  const ended = await signOut();
  await show(ended ? "You are signed out." : "You are signed out in this tab. The hub could not be told: sign out everywhere when you are back.");
}

function header(user) {
  who.hidden = !user;
  who.replaceChildren();
  if (!user) return;
  const out = el("button", { id: "sign-out", class: "plain", type: "button", text: "Sign out", on: { click: () => { out.disabled = true; leave(); } } });
  who.append(el("span", { class: "mail", text: user.email || "" }), out);
}

/** The profile in the hub, null where there is none yet. */
async function hubAccount() {
  try {
    return await hub("/auth/v1/account", { quiet: true });
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

let draw = null;
let drawing = 0;

function focus(message) {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const box = say(message);
  if (message) box.focus();
  else if (target) {
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }
}

function outside() {
  header(null);
  content.replaceChildren(signInForms(show));
}

/** Draw the page anew; message says what has just been done. */
export async function show(message = "") {
  const mine = ++drawing;
  try {
    if (!signedIn()) {
      outside();
    } else {
      const user = await profile();
      const account = await hubAccount();
      const parts = account ? await draw({ user, account, refresh: show })
        : [user.emailVerified ? profileCard(null, user, show) : addressCard(user, show), ...(await draw({ user, account, refresh: show }))];
      if (mine !== drawing) return;
      header(user);
      content.replaceChildren(...parts);
    }
    focus(message);
  } catch (problem) {
    if (mine !== drawing) return;
    if (!signedIn()) outside();
    else if (!content.hasChildNodes()) {
      content.replaceChildren(el("div", { class: "row" }, el("button", { type: "button", text: "Try again", on: { click: () => show() } }),
        el("button", { type: "button", class: "plain", text: "Sign out", on: { click: leave } })));
    }
    say("", problem).focus();
  }
}

/** Begin: drawing gives the page's cards from {user, account, refresh}; the
 * account is null before there is a profile. */
export function start(drawing) {
  draw = drawing;
  addEventListener("hashchange", () => focus(""));
  addEventListener("hub-signed-out", () => { if (content.querySelector("#sign-in") === null) outside(); });
  return show();
}

export { forget };
