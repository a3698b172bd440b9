// What every page uses: making elements from text (never HTML), talking to the
// hub, and saying what happened.

/** An element with properties and children; strings become text. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "text") {
      node.textContent = value;
    } else if (["hidden", "disabled", "required", "checked", "selected", "multiple", "readOnly", "value"].includes(name)) {
      node[name] = value;
    } else {
      node.setAttribute(name, value);
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** What a request was refused with: RFC 9457 problem details. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The hub answers ${status}.`);
    this.status = status;
    this.code = body.code || "";
    /** The broken rules: the field's path, such as body.name, and what is expected. */
    this.fields = (body.errors || []).map((one) => ({ path: one.location || "", message: one.message || "" }));
    this.instance = status >= 500 ? body.instance || "" : "";
    /** Whether the hub has no such route at all, as opposed to no such record. */
    this.absent = status === 501 || status === 405 || (status === 404 && /^There is no such route\b/.test(this.message));
    if (this.absent) this.message = "This version of the hub does not have this yet.";
  }
}

const tags = new WeakMap();

/** The ETag that came with an answer, for If-Match; "" where there was none. */
export const tagOf = (body) => tags.get(body) || "";

/** Ask for JSON and give its value; a refusal is a Problem. */
export async function ask(url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, { ...options, signal: AbortSignal.timeout(60000) });
  } catch {
    throw new Problem(0, { detail: "The hub cannot be reached. Check the connection, then try again." });
  }
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, body);
  if (body !== null && typeof body === "object") tags.set(body, answer.headers.get("ETag") || "");
  return body;
}

/** What a problem says, as elements. */
export function told(problem) {
  const parts = [el("div", { text: problem.message })];
  const fields = (problem.fields || []).filter((one) => !one.shown).map((one) => one.message);
  if (fields.length) parts.push(el("ul", {}, ...fields.map((text) => el("li", { text }))));
  if (problem.instance) parts.push(el("div", { class: "soft", text: `Request ${problem.instance}` }));
  return parts;
}

/** Say something to the reader, politely to screen readers; nothing clears it. */
export function say(message, problem = null, place = document.getElementById("says")) {
  place.replaceChildren();
  if (!message && !problem) return null;
  const box = el("div", { class: problem ? "says bad" : "says", tabindex: "-1" });
  if (message) box.append(el("div", { text: message }));
  if (problem) box.append(el("strong", { class: "sr", text: "Error: " }), ...told(problem));
  place.append(box);
  return box;
}

/** Put each broken rule beside its field; gives the first field, if any. */
export function mark(form, problem) {
  let first = null;
  for (const one of problem.fields || []) {
    const slotOf = (name) => form.querySelector(`[data-error="${CSS.escape(name)}"]`);
    const name = one.path.split(/[.[\]]+/).find((part) => part && slotOf(part));
    if (!name) continue;
    const slot = slotOf(name);
    one.shown = true;
    slot.textContent = slot.textContent ? `${slot.textContent} ${one.message}` : one.message;
    const control = form.querySelector(`[name="${CSS.escape(name)}"]`);
    control?.setAttribute("aria-invalid", "true");
    if (control && (!first || control.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING)) first = control;
  }
  return first;
}

function unmark(form) {
  for (const slot of form.querySelectorAll("[data-error]")) slot.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

const busy = new WeakSet();

/** Run an action of a button or form: once at a time, its fault shown where the
 * focus then goes: the first wrong field, else the message. Its buttons are not
 * disabled meanwhile, because a disabled one loses the focus. */
export function acting(action) {
  return async (event) => {
    event.preventDefault();
    const from = event.currentTarget;
    const group = from.closest("form") || from.parentElement;
    if (busy.has(group)) return;
    busy.add(group);
    const place = from.closest("dialog")?.querySelector("[role=status]") || document.getElementById("says");
    group.setAttribute("aria-busy", "true");
    try {
      say("", null, place);
      unmark(group);
      await action(from);
    } catch (problem) {
      const field = mark(group, problem);
      const box = say("", problem, place);
      (field || box).focus();
    } finally {
      busy.delete(group);
      group.removeAttribute("aria-busy");
    }
  };
}

/** A day for people, in UTC as the hub counts. */
export function day(moment) {
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** A moment for people, to the minute, in UTC and saying so. */
export function minute(moment) {
  const time = new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  return `${day(moment)}, ${time} UTC`;
}
