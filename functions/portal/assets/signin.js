// Signing in, signing up, and a forgotten password. What is answered to an
// address never tells whether it has an account.
import { ask, el, say } from "./page.js";
import { button, card, field, form, text } from "./fields.js";
import { localLink, mailConfirmation, token, withCustomToken, withPassword } from "./session.js";
import { byName, get, hasPasskeys } from "./webauthn.js";

const post = (path, body = {}) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const address = (props = {}) => field("email", "E-mail address", "", { type: "email", autocomplete: "username", maxlength: "254", ...props });

/** Local cloud only: the link that a mail would have held, once it is there. */
function mailed(email, kinds) {
  const place = el("p", { hidden: true });
  localLink(email, kinds).then((link) => {
    if (!link) return;
    place.hidden = false;
    place.append("On this local cloud no mail leaves the machine: ", el("a", { href: link, target: "_blank", rel: "noopener", text: "open the link that it holds" }), ".");
  });
  return place;
}

/** One answer for every address, with the local link below it. */
function answered(form, message, email, kinds) {
  say(message).focus();
  form.querySelector(".mailed")?.remove();
  form.append(el("div", { class: "mailed" }, mailed(email, kinds)));
}

async function withPasskey() {
  const { challengeId, publicKey } = await post("/auth/v1/passkey-login/challenge");
  const { customToken } = await post("/auth/v1/passkey-login", { challengeId, credential: await get(publicKey) });
  await withCustomToken(customToken);
}

export function signInForms(done) {
  const enter = card("sign-in", "Sign in", form("sign-in-form", async (it) => {
    await withPassword(text(it, "email"), it.elements.password.value);
    await done("You are signed in.");
  }, "Sign in", address(), field("password", "Password", "", { type: "password", autocomplete: "current-password" })));
  if (hasPasskeys()) {
    enter.append(el("div", { class: "or" }, el("p", { text: "Or without a password, with a passkey that you have set up before:" }),
      byName() ? el("a", { href: byName(), text: "Open the hub by its name to use passkeys" }) : button("Sign in with a passkey", async () => {
        await withPasskey();
        await done("You are signed in with your passkey.");
      }, { id: "passkey-sign-in", class: "plain" })));
  }
  enter.append(el("details", { id: "forgotten" }, el("summary", { text: "Forgotten your password?" }),
    form("password-reset-form", async (it) => {
      const email = text(it, "email");
      const answer = await post("/auth/v1/password-reset", { email });
      answered(it, answer?.message || "If the address has an account, a mail with a link to choose a new password is on its way.", email, ["PASSWORD_RESET"]);
    }, "Send the link", address())));
  const join = card("sign-up", "Sign up", form("sign-up-form", async (it) => {
    const email = text(it, "email");
    const answer = await post("/auth/v1/sign-up", { email, password: it.elements.password.value });
    it.elements.password.value = "";
    document.querySelector("#sign-in-form [name=email]").value = email;
    answered(it, answer?.message || "A mail is on its way to this address. Open the link in it, then sign in.", email, ["VERIFY_EMAIL", "PASSWORD_RESET"]);
  }, "Sign up", address(), field("password", "Password", "At least 8 characters; a few words are better", { type: "password", autocomplete: "new-password", minlength: "8", maxlength: "1000" })),
  el("p", { class: "soft", text: "Use the address of your institution: your access depends on it." }));
  return el("div", { class: "columns" }, enter, join);
}

/** What somebody does whose address has not been confirmed yet. */
export function addressCard(user, done) {
  return card("address", "Confirm your e-mail address",
    el("p", { text: `A link was sent to ${user.email}. Open it, then come back here.` }), mailed(user.email, ["VERIFY_EMAIL", "PASSWORD_RESET"]),
    el("div", { class: "row" },
      button("I have opened it", async () => {
        await token(true);
        await done("");
      }, { id: "address-done" }),
      button("Send it again", async () => {
        await mailConfirmation();
        await done("The link was sent again.");
      }, { id: "address-again", class: "plain" })));
}
