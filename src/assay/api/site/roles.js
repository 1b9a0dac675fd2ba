// Where people belong: annotators to their work, everyone else to the projects.

import { call } from "./api.js";
import { ask, byId, el } from "./dom.js";
import { Journal } from "./journal.js";

const DESK = ["owner", "manager", "reviewer", "auditor", "viewer"];

export const isAnnotator = (me) => me.roles.includes("annotator");
export const isAtDesk = (me) => me.roles.some((role) => DESK.includes(role));
export const homeOf = (me) => (isAtDesk(me) && !isAnnotator(me) ? "/progress" : "/");

// Leaves nothing behind in this browser; what the server has not got yet is not thrown away unasked.
async function signOut(me) {
  const journal = new Journal(me.person.id);
  const unsent = journal.read("outbox", []).length;
  if (
    unsent &&
    !(await ask(
      `${unsent} of your tasks are not sent yet`,
      el("p", {}, "Open your work while there is a connection, and they are sent."),
      { confirm: "Sign out and lose them", cancel: "Stay" },
    ))
  )
    return;
  await call("DELETE", "/sessions").catch(() => {});
  journal.clear();
  location.assign("/");
}

export function showWho(me) {
  byId("who").replaceChildren(
    el("span", {}, el("bdi", {}, me.person.name), ` · ${me.organisation}`),
    isAtDesk(me) && isAnnotator(me) ? el("a", { href: "/progress" }, "Projects") : "",
    el("button", { type: "button", class: "plain", onclick: () => signOut(me) }, "Sign out"),
  );
}
