// Sign in; and for who is signed in, the work that is open for them.

import { get, post, put } from "./api.js";
import { byId, el, say } from "./dom.js";
import { homeOf, isAnnotator, showWho } from "./roles.js";

const LOOK_AGAIN_MS = 10_000;
const main = byId("main");
let drawn = "";

try {
  await open(await get("/me"));
} catch (reason) {
  if (reason.status === 401) showSignIn();
  else main.replaceChildren(el("h1", {}, "Assay cannot be reached"), el("p", {}, reason.message));
}

function showSignIn() {
  const email = el("input", { type: "email", name: "email", autocomplete: "username", required: true });
  const password = el("input", {
    type: "password",
    name: "password",
    autocomplete: "current-password",
    required: true,
  });
  const fault = el("p", { class: "fault", role: "alert" });
  const form = el(
    "form",
    { class: "card narrow" },
    el("h1", {}, "Sign in"),
    el("label", {}, el("span", {}, "E-mail"), email),
    el("label", {}, el("span", {}, "Password"), password),
    fault,
    el("button", { class: "main" }, "Sign in"),
    el("p", { class: "quiet" }, "Or open the sign-in link that you were sent."),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.textContent = "";
    try {
      await post("/sessions", { email: email.value, password: password.value });
      await open(await get("/me"));
    } catch (reason) {
      fault.textContent = reason.message;
      password.select();
    }
  });
  main.replaceChildren(form);
  email.focus();
}

async function open(me) {
  const next = new URLSearchParams(location.hash.slice(1)).get("next");
  if (next && /^\/(?!\/)/.test(next)) return location.replace(next);
  if (homeOf(me) !== "/") return location.replace(homeOf(me));
  showWho(me);
  await showWork(me);
  setInterval(() => showWork(me).catch(() => say("No connection; what you see may be old.")), LOOK_AGAIN_MS);
}

async function showWork(me) {
  const { items } = isAnnotator(me) ? await get("/work") : { items: [] };
  if (JSON.stringify(items) === drawn) return;
  drawn = JSON.stringify(items);
  const cards = items.map((one, i) => card(one, i));
  main.replaceChildren(
    el("h1", {}, "Work for you"),
    cards.length
      ? el("ul", { class: "cards" }, cards)
      : el("p", {}, "No project is open now. This page looks again by itself."),
    passwordForm(),
  );
}

function card(one) {
  const price = one.price_minor === null ? null : `${money(one.price_minor, one.currency)} each`;
  const facts = [
    price,
    `about ${Math.max(1, Math.round(one.estimated_seconds / 60))} min`,
    `${one.tasks_open >= 1000 ? "1,000 or more" : one.tasks_open} open`,
  ];
  return el(
    "li",
    { class: "card" },
    el("h2", {}, el("bdi", {}, one.name)),
    el("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
    one.refusal
      ? el("p", {}, `Closed to you: ${one.refusal}`)
      : el("a", { class: "button main", href: `/work?project=${one.project_id}` }, "Start"),
  );
}

function money(minor, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

function passwordForm() {
  const input = el("input", { type: "password", autocomplete: "new-password", minlength: 12, required: true });
  const form = el(
    "form",
    {},
    el("label", {}, el("span", {}, "A password of at least 12 characters"), input),
    el("button", {}, "Set"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await put("/me/password", { password: input.value }).then(
      () => (form.reset(), say("Your password is set.")),
      (reason) => say(reason.message, { isBad: true }),
    );
  });
  return el("details", { class: "password" }, el("summary", {}, "Set a password, to sign in without a link"), form);
}
