// The session: signing in with Firebase Authentication's REST interface, and
// asking the hub with it. Tokens are kept in this tab's sessionStorage: closing
// the tab ends the session here.
import { ask, Problem } from "./page.js";

const place = "hub-session";
let settings = null;

/** Where to sign in, asked once. */
export async function signIn() {
  settings ??= (await ask("/portal/v1/config")).signIn;
  return settings;
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(place));
  } catch {
    return null;
  }
}

function keep(tokens) {
  sessionStorage.setItem(place, JSON.stringify({
    id: tokens.idToken || tokens.id_token,
    refresh: tokens.refreshToken || tokens.refresh_token,
    // A minute early, so that a token does not end on its way.
    until: Date.now() + (Number(tokens.expiresIn || tokens.expires_in) - 60) * 1000,
  }));
}

export const signedIn = () => read() !== null;

/** Forget the session in this tab; the page hears of it. */
export function forget() {
  sessionStorage.removeItem(place);
  dispatchEvent(new Event("hub-signed-out"));
}

/** Firebase's error codes in plain words. */
const words = {
  EMAIL_NOT_FOUND: "The address or the password is not right.",
  INVALID_PASSWORD: "The address or the password is not right.",
  INVALID_LOGIN_CREDENTIALS: "The address or the password is not right.",
  INVALID_EMAIL: "This is not an e-mail address.",
  USER_DISABLED: "This account is disabled.",
  TOO_MANY_ATTEMPTS_TRY_LATER: "Too many attempts. Try again later.",
  TOKEN_EXPIRED: "Your session has ended: sign in again.",
  INVALID_REFRESH_TOKEN: "Your session has ended: sign in again.",
  USER_NOT_FOUND: "Your session has ended: sign in again.",
};

async function firebase(url, body, form = false) {
  const { apiKey } = await signIn();
  const answer = await fetch(`${url}?key=${encodeURIComponent(apiKey)}`, {
    method: "POST",
    headers: { "Content-Type": form ? "application/x-www-form-urlencoded" : "application/json" },
    body: form ? new URLSearchParams(body) : JSON.stringify(body),
    signal: AbortSignal.timeout(30000),
  }).catch(() => {
    throw new Problem(0, { detail: "The sign-in service cannot be reached. Try again." });
  });
  const value = await answer.json().catch(() => ({}));
  if (answer.ok) return value;
  const code = (value.error?.message || "").split(/[ :]/)[0];
  throw new Problem(answer.status, { detail: words[code] || "The sign-in service refuses this. Try again." });
}

async function account(method, body) {
  const { accounts } = await signIn();
  return firebase(`${accounts}/accounts:${method}`, body);
}

export async function withPassword(email, password) {
  keep(await account("signInWithPassword", { email, password, returnSecureToken: true }));
}

/** The session that a factor has been verified in. */
export async function withCustomToken(token) {
  keep(await account("signInWithCustomToken", { token, returnSecureToken: true }));
}

async function renew(session) {
  const { tokens } = await signIn();
  try {
    keep(await firebase(`${tokens}/token`, { grant_type: "refresh_token", refresh_token: session.refresh }, true));
  } catch (problem) {
    if (problem.status >= 400 && problem.status < 500) forget();
    throw problem;
  }
}

/** A valid ID token; fresh makes a new one, to learn what has changed. */
export async function token(fresh = false) {
  const session = read();
  if (!session) throw new Problem(401, { detail: "Sign in first." });
  if (fresh || Date.now() > session.until) await renew(session);
  return read().id;
}

/** What Firebase knows of the account: whether the address is confirmed. */
export async function profile() {
  const { users } = await account("lookup", { idToken: await token() });
  return users[0];
}

export async function mailConfirmation() {
  await account("sendOobCode", { requestType: "VERIFY_EMAIL", idToken: await token() });
}

/** Local cloud only: the newest link of these kinds that was made for this
 * address, waited for a little, because mail leaves after the answer. */
export async function localLink(email, kinds) {
  const { mailbox } = await signIn();
  if (!mailbox) return "";
  for (let round = 0; round < 10; round++) {
    const { oobCodes } = await ask(mailbox).catch(() => ({ oobCodes: [] }));
    const mine = (oobCodes || []).filter((one) => one.email === email.toLowerCase() && kinds.includes(one.requestType));
    if (mine.length) return mine[mine.length - 1].oobLink;
    await new Promise((go) => setTimeout(go, 1000));
  }
  return "";
}

let step = null;

/** Have a refusal for want of a second factor answered: verify gives whether
 * this session has proved it now. */
export const onAssurance = (verify) => { step = verify; };

async function once(path, method, body, etag) {
  const headers = { Authorization: `Bearer ${await token()}` };
  if (body !== null) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = etag;
  return ask(path, { method, headers, body: body === null ? undefined : JSON.stringify(body) });
}

/** Ask the hub as the person signed in. Where it wants a second factor, or a
 * fresher one, the person is asked for it and the request is repeated; quiet
 * ones are refused instead. */
export async function hub(path, { method = "GET", body = null, etag = "", quiet = false } = {}) {
  for (let round = 0; ; round++) {
    try {
      return await once(path, method, body, etag);
    } catch (problem) {
      if (problem.status === 401) forget();
      if (problem.code !== "assurance" || quiet || !step || round === 2 || !(await step(problem))) throw problem;
    }
  }
}

/** End this session at the hub and here. Gives whether the hub heard of it. */
export async function signOut() {
  let ended = true;
  try {
    await hub("/auth/v1/sessions/current", { method: "DELETE", quiet: true });
  } catch (problem) {
    ended = problem.status === 401; // it has ended there already
  }
  if (signedIn()) forget();
  return ended;
}
