// The account's sessions: where it is signed in, and signing out there.
import { el, minute } from "./page.js";
import { button, loaded } from "./fields.js";
import { sure } from "./confirm.js";
import { forget, hub } from "./session.js";

const methods = { pwd: "password", otp: "code", hwk: "passkey", swk: "passkey", user: "", mfa: "", pop: "passkey" };

function deviceWords(device) {
  if (!device) return "Unknown device";
  if (typeof device === "string") return device;
  return [device.userAgent || "Unknown device", device.ip && `from ${device.ip}`].filter(Boolean).join(", ");
}

function line(one, done) {
  const proofs = [...new Set((one.methods || []).map((each) => methods[each] ?? each).filter(Boolean))].join(" and ");
  const device = deviceWords(one.device);
  const end = one.current ? null : button("Sign out there", async () => {
    await hub(`/auth/v1/sessions/${encodeURIComponent(one.id)}`, { method: "DELETE" });
    await done("That session has ended.");
  }, { class: "plain end", "aria-label": `Sign out there: ${device}` });
  return el("li", { "data-session": one.id }, el("div", {}, el("strong", { text: device }), " ", one.current ? el("span", { class: "state done", text: "This session" }) : null),
    el("small", { text: [one.lastUsedAt && `last used ${minute(one.lastUsedAt)}`, one.startedAt && `since ${minute(one.startedAt)}`,
      one.level >= 2 ? "second factor verified" : "no second factor", proofs && `by ${proofs}`].filter(Boolean).join(" · ") }),
    end && el("div", { class: "row" }, end));
}

export function sessionsCard(done) {
  return loaded("session-list", "Where you are signed in", async () => {
    const page = await hub("/auth/v1/sessions", { quiet: true });
    const list = el("ul", { class: "list", id: "sessions" }, ...page.items.map((one) => line(one, done)));
    const others = button("Sign out everywhere else", async () => {
      await hub("/auth/v1/sessions?keepThis=true", { method: "DELETE" });
      await done("All your other sessions have ended.");
    }, { id: "sign-out-others", class: "plain", hidden: page.items.every((one) => one.current) });
    const all = button("Sign out everywhere", async () => {
      if (!(await sure("Sign out everywhere?", "All your sessions end at once, this one too.", "Sign out everywhere"))) return;
      await hub("/auth/v1/sessions", { method: "DELETE" });
      forget();
      await done("You are signed out everywhere.");
    }, { id: "sign-out-everywhere", class: "plain" });
    return [list, el("div", { class: "row" }, others, all)];
  });
}
