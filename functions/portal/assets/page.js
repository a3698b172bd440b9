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
    } else if (name === "hidden" || name === "disabled" || name === "required") {
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
    this.fields = (body.errors || []).map((one) => one.message);
    this.instance = status >= 500 ? body.instance || "" : "";
  }
}

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
  return body;
}

/** Say something to the reader, politely to screen readers; nothing clears it. */
export function say(message, problem = null) {
  const place = document.getElementById("says");
  place.replaceChildren();
  if (!message && !problem) return;
  const box = el("div", { class: problem ? "says bad" : "says" });
  if (message) box.append(el("div", { text: message }));
  if (problem) {
    box.append(el("div", { text: problem.message }));
    if (problem.fields?.length) box.append(el("ul", {}, ...problem.fields.map((text) => el("li", { text }))));
    if (problem.instance) box.append(el("div", { class: "soft", text: `Request ${problem.instance}` }));
  }
  place.append(box);
}

/** Run an action of a button or form: once at a time, its fault shown. */
export function acting(action) {
  return async (event) => {
    event.preventDefault();
    const buttons = [...(event.currentTarget.closest("form") || event.currentTarget.parentElement).querySelectorAll("button")];
    const form = event.currentTarget;
    for (const button of buttons) button.disabled = true;
    try {
      say("");
      await action(form);
    } catch (problem) {
      say("", problem);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  };
}

/** A day for people, in UTC as the hub counts. */
export function day(moment) {
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}
