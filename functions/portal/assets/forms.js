// The forms of the researcher's page. Each does one thing and then calls done
// with what to say.
import { acting, ask, el } from "./page.js";
import { hub, localLink, mailConfirmation, token, withCustomToken, withPassword } from "./session.js";

/** A card that a link of the Research Map can put the focus on. */
function card(id, title, ...children) {
  return el("section", { class: "card", id, tabindex: "-1", "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title`, text: title }), ...children);
}

function field(name, title, hint, props = {}) {
  return el("label", {}, title, hint ? el("small", { text: hint }) : null, el("input", { name, required: true, ...props }));
}

function form(submit, title, ...children) {
  return el("form", { on: { submit: acting(submit) } }, ...children, el("button", { type: "submit", text: title }));
}

const codeField = () => field("code", "Code", "The six digits that your authenticator app shows now",
  { inputmode: "numeric", pattern: "[0-9]{6}", maxlength: "6", autocomplete: "one-time-code" });

export function signInForms(done) {
  const address = () => field("email", "E-mail address", "", { type: "email", autocomplete: "username", maxlength: "254" });
  return el("div", { class: "columns" },
    card("sign-in", "Sign in", form(async (it) => {
      await withPassword(it.elements.email.value, it.elements.password.value, false);
      await done("You are signed in.");
    }, "Sign in", address(), field("password", "Password", "", { type: "password", autocomplete: "current-password" }))),
    card("sign-up", "Sign up", form(async (it) => {
      await withPassword(it.elements.email.value, it.elements.password.value, true);
      await mailConfirmation();
      await done("Your account is there. Confirm your address next.");
    }, "Sign up", address(), field("password", "Password", "At least 12 characters", { type: "password", autocomplete: "new-password", minlength: "12" }))));
}

export function addressForm(user, done) {
  const links = el("p", { hidden: true });
  localLink(user.email).then((link) => {
    if (!link) return;
    links.hidden = false;
    links.append("No mail is sent on this local cloud: ", el("a", { href: link, target: "_blank", rel: "noopener", text: "open the link that it would have held" }), ".");
  });
  return card("address", "Confirm your e-mail address",
    el("p", { text: `A link was sent to ${user.email}. Open it, then come back here.` }), links,
    el("div", { class: "row" },
      el("button", { type: "button", text: "I have opened it", on: { click: acting(async () => { await token(true); await done(); }) } }),
      el("button", { type: "button", class: "plain", text: "Send it again", on: { click: acting(async () => { await mailConfirmation(); await done("The link was sent again."); }) } })));
}

export function profileForm(done) {
  return card("profile", "Create your profile", form(async (it) => {
    await hub("/auth/v1/account", { method: "POST", body: { name: it.elements.name.value.trim().replace(/\s+/g, " ") } });
    await done("Your profile is there.");
  }, "Create profile", field("name", "Full name", "As you will sign with it", { autocomplete: "name", maxlength: "200" })));
}

export function enrolForm(done) {
  const place = el("div", {});
  const begin = el("button", { type: "button", text: "Begin", on: { click: acting(async () => {
    const { factorId, secret, otpauthUri } = await hub("/auth/v1/factors/totp", { method: "POST" });
    begin.hidden = true;
    place.append(
      el("p", {}, "Add this key to your authenticator app (", el("a", { href: otpauthUri, text: "open it on this device" }), "). It is shown once."),
      el("p", { class: "code", text: secret.match(/.{1,4}/g).join(" ") }),
      form(async (it) => {
        const path = `/auth/v1/factors/totp/${encodeURIComponent(factorId)}/confirmation`;
        const { customToken } = await hub(path, { method: "POST", body: { code: it.elements.code.value } });
        await withCustomToken(customToken);
        await done("Two-factor authentication is set up, and this session has it.");
      }, "Confirm", codeField()));
    place.querySelector("input").focus();
  }) } });
  return card("second-factor", "Set up two-factor authentication",
    el("p", { text: "An authenticator app on your phone shows a new code every 30 seconds. The hub asks for one in each session that works with data." }), begin, place);
}

export function codeForm(done) {
  return card("second-factor", "Second factor", form(async (it) => {
    const { customToken } = await hub("/auth/v1/session/second-factor", { method: "POST", body: { code: it.elements.code.value } });
    await withCustomToken(customToken);
    await done("This session has its second factor.");
  }, "Verify", el("p", { text: "Verify a code to open your workspaces in this session." }), codeField()));
}

async function complete(module, body) {
  await hub(`/auth/v1/modules/${module}/completion`, { method: "POST", body });
}

export async function conductForm(account, done) {
  const { items: policies } = await ask("/directory/v1/policies");
  const code = policies.find((one) => one.id === "codeOfConduct");
  if (!code) return card("codeOfConduct", "Data User Code of Conduct", el("p", { text: "No version is in force." }));
  return card("codeOfConduct", code.title, el("p", { text: code.summary }), el("p", { class: "soft", text: `Version ${code.version}. ${code.source}.` }),
    form(async (it) => {
      await complete("codeOfConduct", { fullName: it.elements.fullName.value, initials: it.elements.initials.value, version: code.version });
      await done("You have signed the Data User Code of Conduct.");
    }, "Sign", field("fullName", "Full name", `As in your profile: ${account.name}`, { autocomplete: "off", maxlength: "200" }),
    field("initials", "Initials", "", { autocomplete: "off", maxlength: "10" })));
}

export function confirmForm(module, title, text, button, done) {
  return card(module, title, form(async () => {
    await complete(module, {});
    await done("Confirmed.");
  }, button, el("p", { text })));
}
