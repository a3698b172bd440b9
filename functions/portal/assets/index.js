// The researcher's first page: the Research Map, workspaces and notices.
import { el } from "./page.js";
import { button, card } from "./fields.js";
import { mapCard, noticesCard, workspacesCard } from "./cards.js";
import { comesBack, identityReturn } from "./identity.js";
import { secondStep } from "./secondstep.js";
import { hub } from "./session.js";
import { start } from "./shell.js";

function stepCard(refresh) {
  return card("second-step-card", "Second step", el("p", { text: "Your workspaces and the texts of your notices need a second factor in this session." }),
    button("Verify now", async () => {
      if (await secondStep()) await refresh("This session has its second factor.");
    }, { id: "second-step-begin" }));
}

let back = comesBack();

start(async ({ account, refresh }) => {
  const came = account && back;
  if (came) back = null; // used once
  const told = came ? await identityReturn(came) : null;
  const [map, notices] = await Promise.all([hub("/portal/v1/research-map"), hub("/portal/v1/notices?limit=10")]);
  const main = [mapCard(map.steps, account)];
  const side = [noticesCard(notices, refresh)];
  if (account?.session.level >= 2) side.unshift(workspacesCard(await hub("/workspace/v1/workspaces?limit=20")));
  else if (account?.modules.some((one) => one.module === "twoFactor" && one.state === "complete")) main.unshift(stepCard(refresh));
  return [...(told ? [told] : []), el("div", { class: "columns" }, el("div", {}, ...main), el("div", {}, ...side))];
});
