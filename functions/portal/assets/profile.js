// The profile: making it, showing it and changing it, with the terms of service.
import { ask, day, el, tagOf } from "./page.js";
import { area, button, card, choice, facts, field, follow, form, several, text, tick, ticked } from "./fields.js";
import { hub, token } from "./session.js";

let form_ = null;

/** The questions that the hub asks: roles, degrees, and the survey. Asked once. */
export async function profileForm() {
  form_ ??= await ask("/auth/v1/profile-form");
  return form_;
}

const pairs = (list) => list.map((one) => [one.id, one.label]);
const labelOf = (list, id) => list.find((one) => one.id === id)?.label || id;

/** A policy in force with its text; null where there is none. */
export async function policy(id) {
  const { items } = await ask("/directory/v1/policies");
  return items.find((one) => one.id === id) || null;
}

/** The terms as a page shows them before they are agreed to. */
function termsText(terms) {
  return el("details", { class: "terms", open: "" }, el("summary", { text: `${terms.title}, version ${terms.version}` }),
    el("p", { text: terms.summary }), el("p", { class: "soft" }, `In force since ${day(terms.effectiveAt)}. ${terms.source}. `,
      el("a", { href: "/portal/directory#policies", target: "_blank", rel: "noopener", text: "All policies (opens a new tab)" })));
}

function fieldsOf(lists, account) {
  const role = choice("role", "Role", "", pairs(lists.roles), account?.role);
  const otherRole = field("otherRole", "Your role in your own words", "", { maxlength: "100", value: account?.otherRole || "" });
  follow(role, otherRole, () => role.querySelector("select").value === "other");
  const degrees = several("degrees", "Degrees", "All that you hold; 'none' stands alone", pairs(lists.degrees), account?.degrees || []);
  const otherDegree = field("otherDegree", "Your degree in your own words", "", { maxlength: "100", value: account?.otherDegree || "" });
  follow(degrees, otherDegree, () => degrees.querySelector('input[value="other"]')?.checked || false);
  return [
    field("name", "Full name", "As you will sign with it; the directory of projects shows it", { autocomplete: "name", maxlength: "200", value: account?.name || "" }),
    field("affiliation", "Affiliation", "Organization and department", { autocomplete: "organization", maxlength: "200", value: account?.affiliation || "" }),
    role, otherRole, degrees, otherDegree,
    area("researchArea", "Research area", "What you work on, at most 1000 characters", { required: true, maxlength: "1000", value: account?.researchArea || "" }),
  ];
}

function written(it) {
  const body = { name: text(it, "name"), affiliation: text(it, "affiliation"), role: it.elements.role.value, degrees: ticked(it, "degrees"), researchArea: it.elements.researchArea.value.trim() };
  if (body.role === "other") body.otherRole = text(it, "otherRole");
  if (body.degrees.includes("other")) body.otherDegree = text(it, "otherDegree");
  return body;
}

async function creation(user, done) {
  const [lists, terms] = await Promise.all([profileForm(), policy("termsOfService")]);
  const agreed = terms ? [termsText(terms), tick("termsOfService", `I have read the ${terms.title} and agree to them.`)] : [];
  return form("profile-form", async (it) => {
    await token(true); // the token may be older than the confirmed address
    await hub("/auth/v1/account", { method: "POST", body: { ...written(it), termsOfService: terms?.version || "" } });
    await done("Your profile is there. Next: what your access needs.");
  }, "Create profile", ...fieldsOf(lists, null), ...agreed);
}

/** The institution's name; its id where the list does not have it. */
async function institution(account) {
  if (account.institutionName || !account.institutionId) return account.institutionName || "";
  const list = await ask("/auth/v1/institutions?limit=100").catch(() => ({ items: [] }));
  return list.items.find((one) => one.id === account.institutionId)?.name || account.institutionId;
}

function shown(account, lists, from) {
  const own = (value, other) => (value === "other" && other ? other : null);
  return facts(
    ["Name", account.name], ["E-mail address", account.email], ["Affiliation", account.affiliation],
    ["Role", account.role && (own(account.role, account.otherRole) || labelOf(lists.roles, account.role))],
    ["Degrees", (account.degrees || []).map((id) => own(id, account.otherDegree) || labelOf(lists.degrees, id)).join("; ")],
    ["Research area", account.researchArea],
    ["Institution", from || "None lists your address: your access needs one that does."],
    ["Terms of service", account.termsOfService && `Version ${account.termsOfService}${account.termsOfServiceAcceptedAt ? `, agreed to on ${day(account.termsOfServiceAcceptedAt)}` : ""}`],
    ["With the hub since", account.createdAt && day(account.createdAt)]);
}

function change(account, lists, done, back) {
  return el("div", {}, form("profile-form", async (it) => {
    const tag = tagOf(account);
    await hub("/auth/v1/account", { method: "PATCH", etag: tag, body: written(it) });
    await done("Your profile is changed.");
  }, "Save", ...fieldsOf(lists, account)), el("div", { class: "row" }, el("button", { type: "button", class: "plain", text: "Cancel", on: { click: back } })));
}

/** The profile's card: a form where there is none yet, else the profile with
 * the way to change it. */
export function profileCard(account, user, done) {
  const place = el("div", {}, el("p", { class: "soft", text: "Reading …" }));
  const whole = card("profile", account ? "Profile" : "Create your profile", place);
  const show = async () => {
    try {
      if (!account) {
        place.replaceChildren(await creation(user, done));
        return;
      }
      const [lists, from] = await Promise.all([profileForm().catch((problem) => ({ roles: [], degrees: [], problem })), institution(account)]);
      const edit = el("button", { id: "profile-edit", type: "button", class: "plain", text: "Change", on: { click: () => {
        place.replaceChildren(change(account, lists, done, show));
        place.querySelector("input").focus();
      } } });
      const adopt = user.email && user.emailVerified && user.email.toLowerCase() !== (account.email || "").toLowerCase()
        ? el("div", { class: "says" }, el("p", { text: `You signed in as ${user.email}, and your profile has ${account.email}.` }),
          button("Take the new address over", async () => {
            await token(true);
            await hub("/auth/v1/account/email", { method: "POST" });
            await done("Your profile has the new address.");
          }, { id: "email-adopt" })) : null;
      place.replaceChildren(...[shown(account, lists, from), adopt, lists.problem ? el("p", { class: "soft", text: lists.problem.message }) : edit].filter(Boolean));
    } catch (problem) {
      place.replaceChildren(el("p", { class: "says bad", text: problem.message }), el("button", { type: "button", class: "plain", text: "Try again", on: { click: show } }));
    }
  };
  show();
  return whole;
}

/** A card to agree to a new version of the terms; null where there is nothing to agree to. */
export async function termsCard(account, done) {
  if (!account.termsOfServiceDue) return null;
  const terms = await policy("termsOfService");
  if (!terms) return null;
  return card("terms", "The terms of service have changed", termsText(terms), form("terms-form", async () => {
    await hub("/auth/v1/account/terms", { method: "POST", body: { version: terms.version } });
    await done("You have agreed to the terms of service.");
  }, "Agree", tick("version", `I have read the ${terms.title} and agree to them.`)));
}
