// Where people belong: annotators to their work, everyone else to the projects.

import { byId, el } from "./dom.js";
import { signOut } from "./api.js";

const DESK = ["owner", "manager", "reviewer", "auditor", "viewer"];

export const isAnnotator = (me) => me.roles.includes("annotator");
export const isAtDesk = (me) => me.roles.some((role) => DESK.includes(role));
export const homeOf = (me) => (isAtDesk(me) && !isAnnotator(me) ? "/progress" : "/");

export function showWho(me) {
  byId("who").replaceChildren(
    el("span", {}, el("bdi", {}, me.person.name), ` · ${me.organisation}`),
    isAtDesk(me) && isAnnotator(me) ? el("a", { href: "/progress" }, "Projects") : "",
    el("button", { type: "button", class: "plain", onclick: () => signOut(me.person.id) }, "Sign out"));
}
