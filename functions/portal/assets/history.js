// The account's own security history: what was done to it, when and by whom.
import { el, minute } from "./page.js";
import { button, loaded } from "./fields.js";
import { titles } from "./modules.js";
import { hub } from "./session.js";

/** The acts in plain words; one that is not here is shown by its name. */
const acts = {
  "account.signUp": "Signed up", "account.passwordReset": "New password asked for", "account.create": "Profile created", "account.change": "Profile changed", "account.email": "E-mail address taken over", "account.terms": "Terms of service agreed to",
  "account.disable": "Account disabled", "account.enable": "Account enabled", "account.roles": "Admin roles changed", "account.view": "Account looked at by an admin",
  "demographics.change": "Survey answered", "demographics.delete": "Survey answers deleted",
  "module.complete": "Access module completed", "module.bypass": "Access module waived", "module.reset": "Access module reset", "identity.refused": "Identity check refused",
  "factor.enrol": "Second factor: set-up begun", "factor.confirm": "Second factor set up", "factor.rename": "Second factor renamed", "factor.remove": "Second factor removed",
  "factor.lock": "Codes locked after wrong ones", "factor.cloneWarning": "A passkey may have been copied",
  "recovery.make": "Recovery codes made", "recovery.use": "Recovery code used",
  "session.secondFactor": "Second factor verified", "session.login": "Signed in with a passkey", "session.passkeyLogin": "Signed in with a passkey", "session.end": "Signed out", "session.endAll": "Signed out everywhere",
};

const actors = { admin: "an admin", system: "the hub" };

function line(one, uid) {
  const by = one.actor === uid || one.actor === "you" ? "by you" : one.actor ? `by ${actors[one.actor] || one.actor}` : "";
  const module = titles[/\/modules\/(\w+)$/.exec(one.target || "")?.[1]];
  const what = `${acts[one.act] || one.act}${module ? `: ${module}` : ""}`;
  const change = [one.before && `before: ${one.before}`, one.after && `after: ${one.after}`].filter(Boolean).join("; ");
  return el("li", {}, el("div", {}, el("strong", { text: what })), el("small", { text: [minute(one.at), by, one.reason && `reason: ${one.reason}`].filter(Boolean).join(" · ") }),
    change ? el("div", { class: "soft small", text: change }) : null);
}

export function historyCard(uid) {
  return loaded("history", "Security history", async () => {
    const read = (cursor) => hub(`/auth/v1/audit/own?limit=10${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { quiet: true });
    const page = await read("");
    if (!page.items.length) return [el("p", { class: "soft", text: "Nothing has been recorded yet." })];
    const list = el("ol", { class: "list", id: "history-list" }, ...page.items.map((one) => line(one, uid)));
    let next = page.next || "";
    const more = button("Show earlier entries", async () => {
      const other = await read(next);
      const lines = other.items.map((one) => line(one, uid));
      list.append(...lines);
      next = other.next || "";
      more.hidden = !next;
      if (!next && lines.length) {
        lines[0].tabIndex = -1;
        lines[0].focus();
      }
    }, { id: "history-more", class: "plain", hidden: !next });
    return [el("p", { class: "soft", text: "What was done to your account. If an entry is not yours, sign out everywhere and tell the access team." }), list, more];
  });
}
