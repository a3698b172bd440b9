// The page of second factors, recovery codes, sessions and security history.
import { el } from "./page.js";
import { factorsCard, factorsOf } from "./factors.js";
import { historyCard } from "./history.js";
import { recoveryCard } from "./recovery.js";
import { sessionsCard } from "./sessions.js";
import { start } from "./shell.js";

start(({ user, account, refresh }) => {
  if (!account) return [sessionsCard(refresh)];
  // Asked once for both cards, and again only after a failure.
  let pending = null;
  const asked = () => (pending ??= factorsOf().catch((problem) => {
    pending = null;
    throw problem;
  }));
  return [el("div", { class: "columns" },
    el("div", {}, factorsCard(asked, refresh), recoveryCard(asked, user, refresh)),
    el("div", {}, sessionsCard(refresh), historyCard(account.uid)))];
});
