// Recovery codes: ten, each works once, shown once.
import { el, say } from "./page.js";
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

function codesShown(codes, user, kept) {
  const words = `Research Hub recovery codes of ${user.email || "your account"}\nEach works once, in place of your second factor.\n\n${codes.join("\n")}\n`;
  const says = el("p", { class: "soft", role: "status", "aria-live": "polite" });
  const box = el("section", { id: "recovery-shown", class: "sheet", tabindex: "-1", "aria-labelledby": "recovery-shown-title" },
    el("h3", { id: "recovery-shown-title", text: "Your recovery codes" }),
    el("p", { text: `They are shown once, now. Keep them where only you find them, and not only on the device that they are to replace. Account: ${user.email || ""}` }),
    el("ol", { class: "code codes", id: "recovery-codes" }, ...codes.map((code) => el("li", { text: code }))),
    el("div", { class: "row noprint" },
      button("Copy", async () => {
        await navigator.clipboard.writeText(words).catch(() => { throw new Error("The browser does not let the page copy. Select the codes and copy them yourself."); });
        says.textContent = "Copied.";
      }, { id: "recovery-copy", class: "plain" }),
      el("button", { type: "button", id: "recovery-download", class: "plain", text: "Download", on: { click: () => save("research-hub-recovery-codes.txt", words) } }),
      el("button", { type: "button", id: "recovery-print", class: "plain", text: "Print", on: { click: () => print() } })),
    says,
    el("div", { class: "row noprint" }, el("button", { type: "button", id: "recovery-kept", text: "I have kept them", on: { click: kept } })));
  return box;
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
      const box = codesShown(codes, user, () => {
        removeEventListener("beforeunload", unkept);
        document.body.classList.remove("sheets");
        done("The recovery codes are in force.");
      });
      addEventListener("beforeunload", unkept);
      document.body.classList.add("sheets");
      make.replaceWith(box);
      box.focus();
      say("");
    }, { id: "recovery-make" });
    return [...parts, make];
  });
  return whole;
}

/** Codes that nobody kept are lost: the browser asks before the page goes. */
function unkept(event) {
  event.preventDefault();
}
