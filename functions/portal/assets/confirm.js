// A question before an act that cannot be taken back.
import { el } from "./page.js";

/** Ask whether to go on; gives the answer. Escape and Cancel say no. */
export function sure(title, explanation, yes) {
  return new Promise((settle) => {
    const back = document.activeElement;
    let answer = false;
    const dialog = el("dialog", { id: "sure", role: "alertdialog", "aria-labelledby": "sure-title", "aria-describedby": "sure-text" },
      el("h2", { id: "sure-title", text: title }), el("p", { id: "sure-text", text: explanation }),
      el("div", { class: "row end" },
        el("button", { type: "button", id: "sure-no", class: "plain", text: "Cancel", on: { click: () => dialog.close() } }),
        el("button", { type: "button", id: "sure-yes", text: yes, on: { click: () => { answer = true; dialog.close(); } } })));
    dialog.addEventListener("close", () => {
      dialog.remove();
      back?.focus?.();
      settle(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    document.getElementById("sure-no").focus();
  });
}
