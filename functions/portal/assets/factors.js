// Second factors: the list, an authenticator app, passkeys.
import { day, el, minute } from "./page.js";
import { button, codeField, field, form, loaded, text } from "./fields.js";
import { sure } from "./confirm.js";
import { hub, withCustomToken } from "./session.js";
import { byName, create, hasPasskeys } from "./webauthn.js";

const kinds = { totp: "Authenticator app", passkey: "Passkey" };
const one = (id) => `/auth/v1/factors/${encodeURIComponent(id)}`;
const nameField = (id, value, hint) => field("name", "Name", hint, { id, required: false, maxlength: "60", autocomplete: "off", value });

function rename(factor, line, done) {
  const box = form(`rename-${factor.id}`, async (it) => {
    await hub(one(factor.id), { method: "PATCH", body: { name: text(it, "name") } });
    await done("The factor has its new name.");
  }, "Save the name", field("name", "New name", "", { maxlength: "60", autocomplete: "off", value: factor.name || "" }));
  line.querySelector("form")?.remove();
  line.append(box);
  box.querySelector("input").select();
}

function factorLine(factor, done) {
  const name = factor.name || kinds[factor.kind] || factor.kind;
  const used = factor.lastUsedAt ? `last used ${minute(factor.lastUsedAt)}` : "not used yet";
  const line = el("li", { "data-factor": factor.id },
    el("div", {}, el("strong", { text: name }), " ", factor.confirmed === false ? el("span", { class: "state blocked", text: "Not confirmed" }) : null),
    el("small", { text: [kinds[factor.kind] || factor.kind, factor.createdAt && `set up ${day(factor.createdAt)}`, used].filter(Boolean).join(" · ") }),
    factor.cloneWarning ? el("p", { class: "says bad", text: "Warning: this passkey's counter went back. It may have been copied. Remove it and set up a new one, unless you know why." }) : null);
  line.append(el("div", { class: "row" },
    el("button", { type: "button", class: "plain rename", text: "Rename", "aria-label": `Rename ${name}`, on: { click: () => rename(factor, line, done) } }),
    button("Remove", async () => {
      if (!(await sure(`Remove ${name}?`, "Sessions that were opened with it, other than this one, end at once. Keep at least one other factor or recovery codes, or you will be locked out.", "Remove"))) return;
      await hub(one(factor.id), { method: "DELETE" });
      await done(`${name} is removed.`);
    }, { class: "plain remove", "aria-label": `Remove ${name}` })));
  return line;
}

/** Draws an image without an address, so that the page's policy stays closed to
 * images from anywhere else. */
async function picture(data, words) {
  const raw = atob(data.replace(/^data:image\/png;base64,/, ""));
  const image = await createImageBitmap(new Blob([Uint8Array.from(raw, (it) => it.charCodeAt(0))], { type: "image/png" }));
  const canvas = el("canvas", { id: "totp-qr", class: "qr", role: "img", "aria-label": words, width: String(image.width), height: String(image.height) });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas;
}

async function totpSteps(place, name, done) {
  const made = await hub("/auth/v1/factors/totp", { method: "POST", ...(name ? { body: { name } } : {}) });
  const qr = made.qrPng ? await picture(made.qrPng, "QR code of the key below").catch(() => null) : null;
  const link = /^otpauth:\/\//.test(made.otpauthUri || "") ? el("a", { id: "totp-link", href: made.otpauthUri, text: "open it on this device" }) : null;
  place.replaceChildren(
    qr ? el("p", { text: "1. Scan this code with your authenticator app. It is shown once." }) : null, qr,
    el("p", {}, qr ? "Or type this key in" : "1. Type this key into your authenticator app. It is shown once", ...(link ? [" (", link, ")"] : []), ":"),
    el("p", { class: "code", id: "totp-secret", text: made.secret.match(/.{1,4}/g).join(" ") }),
    el("p", { text: "2. Type the code that the app shows now." }),
    form("totp-form", async (it) => {
      const { customToken } = await hub(`/auth/v1/factors/totp/${encodeURIComponent(made.factorId)}/confirmation`, { method: "POST", body: { code: text(it, "code") } });
      await withCustomToken(customToken);
      await done("The authenticator app is set up, and this session has its second factor.");
    }, "Confirm", codeField()));
  place.querySelector("input").focus();
}

function totpPart(done) {
  const place = el("div", {});
  place.append(nameField("totp-name", "", "Such as 'My phone'; you can leave it empty"),
    button("Set up an authenticator app", () => totpSteps(place, place.querySelector("input").value.trim(), done), { id: "totp-begin" }));
  return el("section", { class: "module", "aria-labelledby": "totp-title" }, el("h3", { id: "totp-title", text: "Add an authenticator app" }),
    el("p", { class: "soft", text: "An app on your phone shows a new code every 30 seconds." }), place);
}

function passkeyPart(done) {
  const place = el("div", {});
  if (hasPasskeys() && byName()) {
    place.append(el("p", {}, "Passkeys need the hub's name: ", el("a", { href: byName(), text: "open this page by its name" }), " and sign in there."));
  } else if (hasPasskeys()) {
    place.append(nameField("passkey-name", "", "Such as 'Laptop' or 'Security key'; you can leave it empty"),
      button("Set up a passkey", async () => {
        const name = place.querySelector("input").value.trim();
        const named = name ? { name } : {};
        const { challengeId, publicKey } = await hub("/auth/v1/factors/passkeys", { method: "POST", body: named });
        const credential = await create(publicKey);
        const { customToken } = await hub(`/auth/v1/factors/passkeys/${encodeURIComponent(challengeId)}/confirmation`, { method: "POST", body: { credential, ...named } });
        await withCustomToken(customToken);
        await done("The passkey is set up, and this session has its second factor.");
      }, { id: "passkey-begin" }));
  } else {
    place.append(el("p", { text: "This browser has no passkeys." }));
  }
  return el("section", { class: "module", "aria-labelledby": "passkey-title" }, el("h3", { id: "passkey-title", text: "Add a passkey" }),
    el("p", { class: "soft", text: "This device's PIN, fingerprint or face, or a security key. It also signs you in without a password." }), place);
}

/** Everything that the account has, asked once for the cards that need it. */
export const factorsOf = () => hub("/auth/v1/factors", { quiet: true });

/** A factor list of a hub that does not have the route: unknown, not empty. */
export function factorsCard(asked, done) {
  return loaded("second-factor", "Second factors", async () => {
    const { items, lockedUntil, problem } = await asked().catch((refusal) => {
      if (!refusal.absent) throw refusal;
      return { items: [], problem: refusal };
    });
    const locked = lockedUntil && new Date(lockedUntil) > new Date();
    return [
      el("p", { text: "The hub asks for a second factor in each session that works with data. Set up more than one: whoever loses the only one is locked out." }),
      locked ? el("p", { class: "says bad", text: `Too many wrong codes. Codes are taken again from ${minute(lockedUntil)}.` }) : null,
      problem ? el("p", { class: "soft", text: `Which ones you have: ${problem.message}` })
        : items.length ? el("ul", { class: "list", id: "factors" }, ...items.map((each) => factorLine(each, done)))
          : el("p", { id: "no-factors", text: "You have none yet." }),
      totpPart(done), passkeyPart(done)];
  });
}

