// Passkeys: WebAuthn's JSON forms (Level 3, section 5.1) to and from what the
// browser takes, and its refusals in plain words.
import { Problem } from "./page.js";

/** Whether this browser has passkeys at all. */
export const hasPasskeys = () => "PublicKeyCredential" in window;

/** WebAuthn takes no IP addresses: where this page is on the machine's own, the
 * same page by the name that passkeys work under; "" elsewhere. */
export function byName() {
  if (!/^(127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname)) return "";
  const there = new URL(location.href);
  there.hostname = "localhost";
  return there.href;
}

function bytes(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (one) => one.charCodeAt(0));
}

function base64url(buffer) {
  let raw = "";
  for (const one of new Uint8Array(buffer)) raw += String.fromCharCode(one);
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const refusals = {
  NotAllowedError: "The passkey was not used: it was cancelled, took too long, or there is none for the hub on this device.",
  InvalidStateError: "This device or security key already has a passkey for your account.",
  NotSupportedError: "This device cannot hold the kind of passkey that the hub asks for.",
  ConstraintError: "This device cannot check that it is you (PIN, fingerprint or face), which the hub asks for.",
  AbortError: "The passkey was not used: it was cancelled.",
};

async function attempt(use, rpId) {
  if (!hasPasskeys()) throw new Problem(0, { detail: "This browser has no passkeys. Use another browser, or an authenticator app." });
  try {
    return await use();
  } catch (refusal) {
    const wrongPlace = `A passkey belongs to ${rpId || "the hub's own address"}, and this page was opened at ${location.hostname}. Open the hub at its own address.`;
    throw new Problem(0, { detail: refusal.name === "SecurityError" ? wrongPlace : refusals[refusal.name] || "The passkey could not be used. Try again." });
  }
}

function common(credential, response) {
  return {
    id: credential.id, rawId: base64url(credential.rawId), type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(), response,
  };
}

/** Make a passkey; gives RegistrationResponseJSON. */
export async function create(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials) };
  const made = await attempt(() => navigator.credentials.create({ publicKey }), options.rp?.id);
  const { response } = made;
  return common(made, {
    clientDataJSON: base64url(response.clientDataJSON), attestationObject: base64url(response.attestationObject),
    transports: response.getTransports?.() || [],
  });
}

/** Use a passkey; gives AuthenticationResponseJSON. */
export async function get(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
  const used = await attempt(() => navigator.credentials.get({ publicKey }), options.rpId);
  const { response } = used;
  return common(used, {
    clientDataJSON: base64url(response.clientDataJSON), authenticatorData: base64url(response.authenticatorData),
    signature: base64url(response.signature), userHandle: response.userHandle ? base64url(response.userHandle) : undefined,
  });
}
