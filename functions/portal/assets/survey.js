// The optional survey, on its own page.
import { day, el, say } from "./page.js";
import { button, card, choice, field, follow, form, loaded, several, text, ticked } from "./fields.js";
import { sure } from "./confirm.js";
import { profileForm } from "./profile.js";
import { hub } from "./session.js";
import { start } from "./shell.js";

const path = "/auth/v1/account/demographics";

/** A question with, where it offers one, a line for one's own words. */
function question(one, given) {
  const chosen = given.answers?.[one.id] || [];
  const choices = one.choices.map((each) => [each.id, each.label]);
  const asked = one.multiple ? several(one.id, one.question, "Any that apply", choices, chosen)
    : choice(one.id, one.question, "", choices, chosen[0] || "", { required: false });
  if (!one.choices.some((each) => each.id === "selfDescribe")) return [asked];
  const own = field(`${one.id}-own`, "In your own words", one.question, { required: false, maxlength: "200", autocomplete: "off", value: given.selfDescription?.[one.id] || "" });
  follow(asked, own, () => Boolean(asked.querySelector('[value="selfDescribe"]:checked')), false);
  return [asked, own];
}

function answersOf(it, questions) {
  const body = { answers: {}, selfDescription: {} };
  for (const one of questions) {
    const values = one.multiple ? ticked(it, one.id) : [it.elements[one.id].value].filter(Boolean);
    if (!values.length) continue;
    body.answers[one.id] = values;
    const own = it.elements[`${one.id}-own`];
    if (own && values.includes("selfDescribe") && own.value.trim()) body.selfDescription[one.id] = text(it, `${one.id}-own`);
  }
  return body;
}

function surveyCard() {
  return loaded("survey", "The survey", async (again) => {
    const [lists, given] = await Promise.all([profileForm(), hub(path)]);
    const answered = given.answeredAt ? el("p", { class: "soft", text: `You answered on ${day(given.answeredAt)}. Sending it again replaces all of it.` }) : null;
    const whole = form("survey-form", async (it) => {
      await hub(path, { method: "PUT", body: answersOf(it, lists.demographics) });
      await again();
      say("Your answers are kept. Thank you.").focus();
    }, "Send my answers", ...lists.demographics.flatMap((one) => question(one, given)));
    const remove = given.answeredAt ? button("Delete my answers", async () => {
      if (!(await sure("Delete your answers?", "They are deleted at once and for good.", "Delete"))) return;
      await hub(path, { method: "DELETE" });
      await again();
      say("Your answers are deleted.").focus();
    }, { id: "survey-delete", class: "plain" }) : null;
    return [answered, whole, remove && el("div", { class: "row" }, remove)];
  });
}

start(({ account }) => [
  card("promise", "Before you begin", el("ul", {},
    el("li", { text: "The survey is optional. Your access does not depend on it, and every question can be left out." }),
    el("li", { text: "Your answers are kept apart from your profile. They are never exported and in no other answer of the hub." }),
    el("li", { text: "You can change or delete them here at any time." }))),
  account ? surveyCard() : el("p", {}, el("a", { href: "/portal/", text: "Create your profile first" }), "."),
]);
