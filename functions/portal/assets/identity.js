// Coming back from the identity provider: what it sent along stands behind the
// # of the address, and the hub judges it.
import { el, Problem } from "./page.js";
import { hub } from "./session.js";

const mark = "#identity?";

/** What came back, taken out of the address so that no history keeps it; null
 * where nobody comes back. */
export function comesBack() {
  if (!location.hash.startsWith(mark)) return null;
  const back = new URLSearchParams(location.hash.slice(mark.length));
  history.replaceState(null, "", location.pathname + location.search);
  return back;
}

/** Have the hub judge it; goes on to the page that the person began at. */
async function finish(back) {
  if (!back.get("state") || !back.get("code")) {
    throw new Problem(0, { detail: back.get("error") === "access_denied" ? "The identity check was left before its end." : "The identity provider could not verify you." });
  }
  const { returnTo } = await hub("/auth/v1/modules/identity/result", { method: "POST", body: { state: back.get("state"), code: back.get("code") } });
  location.replace(`${/^\/portal\/[a-z]*$/.test(returnTo) ? returnTo : "/portal/account"}#identity`);
}

/** Finish, and give what to show meanwhile or of a refusal. */
export async function identityReturn(back) {
  const box = (bad, text) => el("div", { class: bad ? "says bad" : "says" }, el("div", { text }), bad ? el("a", { href: "/portal/account#identity", text: "Back to what your access needs" }) : null);
  try {
    await finish(back);
    return box(false, "Your identity is verified.");
  } catch (problem) {
    return box(true, problem.message);
  }
}
