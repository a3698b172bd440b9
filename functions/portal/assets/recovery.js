// Recovery codes: ten, each works once, shown once.
import { el } from "./page.js";
import { button, loaded } from "./fields.js";
import { sure } from "./confirm.js";
import { hub } from "./session.js";

/** Offers a text as a file. The address is the page's own and is given back. */
function save(name, words) {
  const address = URL.createObjectURL(new Blob([words], { type: "text/plain" }));
  const link = el("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** Shows the codes in a dialog that only "I have kept them" closes: whatever
 * else drew the page anew would lose them. */
function showCodes(codes, user, kept) {
  const words = `Research Hub recovery codes of ${user.email || "your account"}\nEach works once, in place of your second factor.\n\n${codes.join("\n")}\n`;
  const says = el("div", { role: "status", "aria-live": "polite" });
  const done = el("p", { class: "soft", role: "status" });
  const dialog = el("dialog", { id: "recovery-shown", class: "sheet", closedby: "none", "aria-labelledby": "recovery-shown-title" },
    el("h2", { id: "recovery-shown-title", tabindex: "-1", text: "Your recovery codes" }),
    el("p", { text: `They are shown once, now. Keep them where only you find them, and not only on the device that they are to replace. Account: ${user.email || ""}` }),
    el("ol", { class: "code codes", id: "recovery-codes" }, ...codes.map((code) => el("li", { text: code }))), says,
    el("div", { class: "row noprint" },
      button("Copy", async () => {
        await navigator.clipboard.writeText(words).catch(() => { throw new Error("The browser does not let the page copy. Select the codes and copy them yourself."); });
        done.textContent = "Copied.";
      }, { id: "recovery-copy", class: "plain" }),
      el("button", { type: "button", id: "recovery-download", class: "plain", text: "Download", on: { click: () => save("research-hub-recovery-codes.txt", words) } }),
      el("button", { type: "button", id: "recovery-print", class: "plain", text: "Print", on: { click: () => print() } })),
    done, el("div", { class: "row noprint" }, el("button", { type: "button", id: "recovery-kept", text: "I have kept them", on: { click: () => dialog.close() } })));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => {
    removeEventListener("beforeunload", unkept);
    document.body.classList.remove("sheets");
    dialog.remove();
    kept();
  });
  addEventListener("beforeunload", unkept);
  document.body.classList.add("sheets");
  document.body.append(dialog);
  dialog.showModal();
  document.getElementById("recovery-shown-title").focus();
}

export function recoveryCard(asked, user, done) {
  const whole = loaded("recovery", "Recovery codes", async () => {
    const { items, recoveryCodesLeft: left = 0, problem } = await asked().catch((refusal) => {
      if (!refusal.absent) throw refusal;
      return { items: [], problem: refusal };
    });
    if (problem) return [el("p", { class: "soft", text: problem.message })];
    const parts = [el("p", { text: "Ten codes that open a session when your other factors are lost. Each works once." }),
      el("p", { id: "recovery-left", text: left ? `${left} of them ${left === 1 ? "is" : "are"} left.` : "You have none." })];
    if (!items.some((one) => one.confirmed !== false)) return [...parts, el("p", { class: "soft", text: "Set up an authenticator app or a passkey first." })];
    const make = button(left ? "Make new codes" : "Make recovery codes", async () => {
      if (left && !(await sure("Make new codes?", "The codes that you have now cease to work.", "Make new codes"))) return;
      const { codes } = await hub("/auth/v1/factors/recovery-codes", { method: "POST" });
      showCodes(codes, user, () => done("The recovery codes are in force."));
    }, { id: "recovery-make" });
    return [...parts, make];
  });
  return whole;
}

/** Codes that nobody kept are lost: the browser asks before the page goes. */
function unkept(event) {
  event.preventDefault();
}
