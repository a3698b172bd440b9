// Cards, forms and their fields: each field has its label, its hint and a place
// for what the hub says is wrong with it.
import { acting, el } from "./page.js";

let count = 0;

/** A card that a link can put the focus on. */
export function card(id, title, ...children) {
  return el("section", { class: "card", id, tabindex: "-1", "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title`, text: title }), ...children);
}

/** A form that does one thing. */
export function form(id, submit, title, ...children) {
  return el("form", { id, on: { submit: acting(submit) } }, ...children, el("div", { class: "row" }, el("button", { type: "submit", text: title })));
}

/** A button that does one thing. */
export function button(text, action, props = {}) {
  return el("button", { type: "button", text, ...props, on: { click: acting(action) } });
}

function labelled(name, title, hint, make, id = `field-${name}-${++count}`) {
  const control = make({ id, name, "aria-describedby": hint ? `${id}-hint ${id}-error` : `${id}-error` });
  return el("div", { class: "field" }, el("label", { for: id, text: title }),
    hint ? el("div", { class: "hint", id: `${id}-hint`, text: hint }) : null, control,
    el("div", { class: "error", id: `${id}-error`, "data-error": name }));
}

/** One line of text; required unless said otherwise. */
export function field(name, title, hint, props = {}) {
  return labelled(name, title, hint, (own) => el("input", { ...own, required: true, ...props }), props.id);
}

/** Some lines of text. */
export function area(name, title, hint, props = {}) {
  const { value = "", ...rest } = props;
  return labelled(name, title, hint, (own) => el("textarea", { ...own, rows: "4", ...rest, value }));
}

/** One of a list of [value, words]. */
export function choice(name, title, hint, options, value = "", props = {}) {
  const rows = [["", props.required === false ? "No answer" : "Choose"], ...options].map(([key, words]) => el("option", { value: key, text: words, selected: key === value }));
  return labelled(name, title, hint, (own) => el("select", { ...own, required: true, ...props }, ...rows));
}

/** Any of a list of [value, words], as boxes to tick. */
export function several(name, title, hint, options, values = []) {
  const id = `field-${name}-${++count}`;
  const boxes = options.map(([key, words]) => el("label", { class: "tick" },
    el("input", { type: "checkbox", name, value: key, checked: values.includes(key), "aria-describedby": `${id}-error` }), el("span", { text: words })));
  return el("fieldset", { class: "field" }, el("legend", { text: title }), hint ? el("div", { class: "hint", text: hint }) : null,
    ...boxes, el("div", { class: "error", id: `${id}-error`, "data-error": name }));
}

/** One box to tick, with its words. */
export function tick(name, words, props = {}) {
  const id = `field-${name}-${++count}`;
  return el("div", { class: "field" }, el("label", { class: "tick" },
    el("input", { type: "checkbox", name, required: true, "aria-describedby": `${id}-error`, ...props }), el("span", { text: words })),
  el("div", { class: "error", id: `${id}-error`, "data-error": name }));
}

/** Shows a field for one's own words while that is what is chosen. */
export function follow(control, extra, chosen, required = true) {
  const input = extra.querySelector("input");
  const update = () => {
    extra.hidden = !chosen();
    input.required = required && !extra.hidden;
  };
  control.addEventListener("change", update);
  update();
}

/** The code of an authenticator app. */
export const codeField = () => field("code", "Code", "The six digits that your authenticator app shows now",
  { inputmode: "numeric", pattern: "[0-9]{6}", maxlength: "6", autocomplete: "one-time-code" });

/** What a form's field holds, without spaces around it. */
export const text = (form, name) => form.elements[name].value.trim().replace(/[ \t]+/g, " ");

/** The values of the boxes that are ticked. */
export const ticked = (form, name) => [...form.querySelectorAll(`input[name="${CSS.escape(name)}"]:checked`)].map((one) => one.value);

/** A list of facts: [term, text or element], empty ones left out. */
export function facts(...pairs) {
  return el("dl", { class: "facts" }, ...pairs.filter(([, value]) => value).flatMap(([term, value]) => [el("dt", { text: term }), el("dd", {}, value)]));
}

/** A card whose content is asked for; a refusal stands in the card, with a way
 * to ask again. */
export function loaded(id, title, load) {
  const place = el("div", { "aria-live": "polite" }, el("p", { class: "soft", text: "Reading …" }));
  const draw = async () => {
    try {
      const parts = await load(draw);
      place.replaceChildren(...parts.filter(Boolean));
    } catch (problem) {
      const again = problem.absent ? null : button("Try again", draw, { class: "plain" });
      place.replaceChildren(el("p", { class: "says bad", text: problem.message }), ...(again ? [again] : []));
    }
  };
  const whole = card(id, title, place);
  draw();
  return whole;
}
