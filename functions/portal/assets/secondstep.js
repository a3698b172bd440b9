// The second step: a dialog that proves a second factor in this session, by an
// app's code, a passkey or a recovery code. It opens when the hub asks for it.
import { acting, el, minute } from "./page.js";
import { button, codeField, field, form, text } from "./fields.js";
import { hub, onAssurance, withCustomToken } from "./session.js";
import { get, hasPasskeys } from "./webauthn.js";

/** What this account can prove itself with. Without the route that says so, an
 * app's code is all there is. */
async function challenge() {
  try {
    return await hub("/auth/v1/session/challenge", { method: "POST", quiet: true });
  } catch (problem) {
    if (problem.absent) return { factors: [{ kind: "totp", name: "" }], recovery: false };
    throw problem;
  }
}

async function prove(body, close) {
  const { customToken } = await hub("/auth/v1/session/second-factor", { method: "POST", body, quiet: true });
  await withCustomToken(customToken);
  close(true);
}

function ways(asked, close) {
  const parts = [];
  const apps = asked.factors.filter((one) => one.kind === "totp");
  const keys = asked.factors.filter((one) => one.kind === "passkey");
  if (asked.passkey && hasPasskeys()) {
    parts.push(el("section", {}, el("h3", { text: "Passkey" }),
      keys.length ? el("p", { class: "soft", text: keys.map((one) => one.name).filter(Boolean).join(", ") }) : null,
      button("Use a passkey", async () => {
        // A challenge is used once: after a failure the next try has a new one.
        const { challengeId, publicKey } = asked.passkey || (await challenge()).passkey;
        asked.passkey = null;
        await prove({ challengeId, credential: await get(publicKey) }, close);
      }, { id: "step-passkey" })));
  }
  if (apps.length) {
    const names = apps.map((one) => one.name).filter(Boolean).join(", ");
    parts.push(el("section", {}, el("h3", { text: "Authenticator app" }), names ? el("p", { class: "soft", text: names }) : null,
      form("step-code-form", (it) => prove({ code: text(it, "code") }, close), "Verify the code", codeField())));
  }
  if (asked.recovery) {
    parts.push(el("details", {}, el("summary", { text: "Use a recovery code" }),
      form("step-recovery-form", (it) => prove({ recoveryCode: text(it, "recoveryCode") }, close), "Use the code",
        field("recoveryCode", "Recovery code", "One of the ten that you kept. Each works once.", { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "40" }))));
  }
  if (parts.length) return parts;
  return [el("p", {}, "Your account has no second factor yet. ", el("a", { href: "/portal/security#second-factor", text: "Set one up", on: { click: () => close(false) } }), ".")];
}

/** Open the dialog; gives whether the session has proved a factor in it. */
function open(problem) {
  return new Promise((settle) => {
    const back = document.activeElement;
    const body = el("div", {}, el("p", { class: "soft", text: "Asking which factors you have …" }));
    const says = el("div", { role: "status", "aria-live": "polite" });
    const dialog = el("dialog", { id: "second-step", "aria-labelledby": "second-step-title" },
      el("h2", { id: "second-step-title", tabindex: "-1", text: "Second step" }),
      el("p", { text: problem?.message || "Prove a second factor, to open your workspaces in this session." }), says, body,
      el("div", { class: "row end" }, el("button", { type: "button", id: "step-cancel", class: "plain", text: "Cancel", on: { click: () => close(false) } })));
    let proved = false;
    const close = (result) => { proved = result; dialog.close(); };
    dialog.addEventListener("close", () => {
      dialog.remove();
      back?.focus?.();
      settle(proved);
    });
    document.body.append(dialog);
    dialog.showModal();
    document.getElementById("second-step-title").focus();
    const fill = async () => {
      const asked = await challenge();
      const parts = ways(asked, close);
      const locked = asked.lockedUntil && new Date(asked.lockedUntil) > new Date();
      if (locked) parts.unshift(el("p", { class: "says bad", text: `Too many wrong codes. Codes are taken again from ${minute(asked.lockedUntil)}.` }));
      body.replaceChildren(...parts);
      (body.querySelector("button, input") || dialog.querySelector("a"))?.focus();
    };
    const begin = el("button", { type: "button", hidden: true, on: { click: acting(fill) } });
    body.append(begin);
    begin.click();
  });
}

let current = null;

/** Ask for a second factor; requests that come meanwhile wait for the same one. */
export function secondStep(problem = null) {
  current ??= open(problem).finally(() => { current = null; });
  return current;
}

onAssurance(secondStep);
