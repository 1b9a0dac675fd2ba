// What managers watch: the projects, and one project with its counts and its measured quality, looked at again and again.

import { Unreachable, get, post, whoAmI } from "./api.js";
import { byId, el, say } from "./dom.js";
import {
  STATES,
  STATE_WORDS,
  bar,
  chip,
  date,
  figure,
  interval,
  percent,
  quiet,
  section,
  short,
  table,
  total,
} from "./figures.js";
import { isAtDesk, showWho } from "./roles.js";

const LOOK_AGAIN_MS = 2000;
const LOST = "No connection; what you see may be old.";
const MANAGERS = ["owner", "manager"];
const main = byId("main");
const sections = new Map(); // name -> what it shows now, so that only what changed is drawn again
const me = await whoAmI();
let round = 0;
let isLost = false;

function begin() {
  sections.clear();
  main.replaceChildren();
  const project = location.hash.slice(1);
  look(++round, project ? () => showProject(project) : showProjects);
}

async function look(mine, show) {
  while (mine === round) {
    await show().then(
      () => isLost && ((isLost = false), say("")),
      (reason) => {
        if (reason instanceof Unreachable) say(LOST, { isBad: (isLost = true) });
        else
          main.replaceChildren(
            el("h1", {}, "This cannot be shown"),
            el("p", {}, reason.message),
            el("p", {}, el("a", { href: "/progress" }, "All projects")),
          );
      },
    );
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? 4 * LOOK_AGAIN_MS : LOOK_AGAIN_MS));
  }
}

function draw(name, value, build) {
  const text = JSON.stringify(value);
  const known = sections.get(name);
  if (known?.text === text) return;
  const node = build();
  if (known) known.node.replaceWith(node);
  else main.append(node);
  sections.set(name, { text, node });
}

const nothing = (reason) => {
  if (reason instanceof Unreachable) throw reason;
  return null; // not for these roles, or not there yet
};

// -- all projects ----------------------------------------------------------------------------------------------------

async function showProjects() {
  const { items } = await get("/projects?limit=200");
  const counts = await Promise.all(items.map((one) => get(`/projects/${one.id}/batches`).then(tasksByState, nothing)));
  draw("projects", [items, counts], () =>
    el(
      "section",
      {},
      el("h1", {}, "Projects"),
      items.length
        ? projectTable(items, counts)
        : el("p", {}, "No project yet. Make one from a project file with the command line: assay --help tells how."),
    ),
  );
}

function projectTable(items, counts) {
  const row = (one, count) => [
    el("a", { href: `#${one.id}` }, el("bdi", {}, one.name)),
    chip(one.state),
    one.version || "–",
    bar(count),
    figure(count?.open),
    figure(count?.settled),
    figure(total(count)),
  ];
  return table(
    ["Project", "State", "Version", "", "Open", "Settled", "Tasks"],
    items.map((one, i) => row(one, counts[i])),
    4,
  );
}

const tasksByState = ({ items }) =>
  items.reduce((sum, batch) => {
    for (const [state, n] of Object.entries(batch.tasks)) sum[state] = (sum[state] || 0) + n;
    return sum;
  }, {});

// -- one project -----------------------------------------------------------------------------------------------------

async function showProject(id) {
  const path = `/projects/${id}`;
  const [project, batches, progress, quality, lots, releases] = await Promise.all([
    get(path),
    get(`${path}/batches`),
    ...["progress", "quality", "lots", "releases"].map((part) => get(`${path}/${part}`).catch(nothing)),
  ]);
  document.title = `${project.name} · Assay`;
  draw("head", project, () => head(project));
  const count = progress?.tasks ?? tasksByState(batches);
  draw("counts", [count, { ...progress, at: null }, quality?.annotators], () =>
    countsSection(count, progress, quality),
  );
  draw("quality", quality, () => qualitySection(quality));
  draw("batches", batches, () =>
    section(
      "Batches",
      quiet("Hidden checks are counted in."),
      table(
        ["Batch", "State", "Priority", "", ...STATES.map((state) => STATE_WORDS[state])],
        batches.items.map((one) => [
          el("bdi", {}, one.name),
          chip(one.state),
          figure(one.priority),
          bar(one.tasks),
          ...STATES.map((state) => figure(one.tasks[state] ?? 0)),
        ]),
        2,
      ),
    ),
  );
  draw("lots", lots, () => section("Lots", lots?.items.length ? lotTable(lots.items) : quiet("No lot yet.")));
  draw("releases", releases, () =>
    section("Releases", releases?.items.length ? releaseTable(releases.items) : quiet("No release yet.")),
  );
}

function head(project) {
  const move = project.state === "live" ? "close" : "open";
  const act = () => post(`/projects/${project.id}/${move}`).catch((reason) => say(reason.message, { isBad: true }));
  return el(
    "header",
    { class: "heading" },
    el("p", {}, el("a", { href: "/progress" }, "All projects")),
    el("h1", {}, el("bdi", {}, project.name), " ", chip(project.state)),
    el("p", { class: "quiet" }, `version ${project.version ?? "–"}`),
    me.roles.some((role) => MANAGERS.includes(role)) &&
      el("button", { type: "button", onclick: act }, move === "open" ? "Open for work" : "Close"),
  );
}

function countsSection(count, progress, quality) {
  const big = (n, title) => el("div", { class: "big" }, el("dt", {}, title), el("dd", {}, figure(n)));
  const waiting = Object.entries(progress?.reviews_waiting ?? {}).map(([queue, n]) => [
    `reviews waiting, ${queue.replaceAll("_", " ")}`,
    n,
  ]);
  const more = progress
    ? [
        ["in hand now", progress.leases],
        ["hidden checks", progress.gold_tasks],
        ["disputed", progress.disputed],
        ...waiting,
        ["reviews done", progress.reviews_finalised],
        ["adjudications waiting", progress.adjudications_waiting],
        ["adjudicated", progress.adjudications_settled],
      ]
    : [];
  return el(
    "section",
    { id: "counts" },
    el(
      "dl",
      { class: "bigs" },
      big(progress?.items ?? total(count), "items"),
      big(count.settled ?? 0, "settled"),
      big(count.complete ?? 0, "answered, to settle"),
      big(count.open ?? 0, "open"),
      big(progress?.responses ?? quality?.responses, "responses"),
      big(quality?.annotators, "annotators"),
    ),
    bar(count),
    el(
      "ul",
      { class: "legend" },
      STATES.filter((state) => count[state]).map((state) =>
        el("li", { class: state }, `${STATE_WORDS[state]} ${count[state].toLocaleString()}`),
      ),
    ),
    quiet(
      more
        .filter(([, n]) => n)
        .map(([title, n]) => `${title} ${n.toLocaleString()}`)
        .join(" · "),
    ),
  );
}

function qualitySection(quality) {
  if (!quality) return section("Quality", quiet("Your roles do not open the numbers."));
  const rows = quality.questions.flatMap((question) => {
    const alike = question.agreement.filter((one) => !one.slice);
    const lines = [
      ...alike.map((one) => ["agreement", one]),
      ...question.gold.map((one) => ["hidden checks", one]),
      ...(question.accuracy ? [["accuracy of the outcome", question.accuracy]] : []),
    ];
    return (lines.length ? lines : [["", null]]).map(([what, one], i) => [
      i ? el("span", { class: "unseen" }, question.title) : question.title,
      what ? `${what}${one.measure ? `, ${one.measure}` : ""}` : quiet("nothing measured yet"),
      interval(one),
      one && estimate(one),
      figure(one?.n_items ?? one?.n),
      one && el("small", {}, one.method),
    ]);
  });
  const run = quality.run;
  return section(
    "Quality",
    table(["Question", "Measure", "", "Value [95 % interval]", "n", "Method"], rows, 3),
    quiet(
      run
        ? `From run ${run.id.slice(0, 8)} (${run.method} ${run.version}) over ${run.responses ?? 0} responses, ${new Date(run.finished_at).toLocaleString()}.`
        : "No run over all responses yet; numbers appear after the first.",
    ),
  );
}

function estimate({ value, low, high }) {
  if (value === null) return "cannot be said yet";
  return el(
    "span",
    { class: "number" },
    el("b", {}, short(value)),
    low === null ? "" : ` [${short(low)}${low < 0 ? " to " : "–"}${short(high)}]`,
  );
}

function lotTable(items) {
  const bound = ({ decision }) => (typeof decision?.bound === "number" ? `at most ${percent(decision.bound)}` : "–");
  return table(
    ["Sealed", "State", "Tasks", "Checks", "Error rate", "Plan", ""],
    items.map((lot) => [
      date(lot.sealed_at),
      chip(lot.state),
      figure(lot.size),
      figure(lot.decision?.checks),
      bound(lot),
      `≤ ${percent(lot.plan.error_limit)} at ${percent(lot.plan.confidence)}`,
      ["passed", "released"].includes(lot.state) &&
        el("a", { href: `/api/v1/lots/${lot.id}/certificate` }, "Certificate"),
    ]),
    2,
  );
}

function releaseTable(items) {
  const isThere = (one) => one.signed_at !== null;
  return table(
    ["Release", "State", "Lots", "Rows", "Signed", ""],
    items.map((one) => [
      `${one.number}`,
      chip(one.problem ? `${one.state}: ${one.problem}` : one.state),
      figure(one.lots.length),
      figure(one.rows ? Math.max(...Object.values(one.rows)) : undefined),
      isThere(one) ? date(one.signed_at) : "–",
      isThere(one) &&
        me.roles.some((role) => MANAGERS.includes(role)) &&
        el("a", { href: `/api/v1/releases/${one.id}/archive` }, "Download"),
    ]),
    2,
  );
}

showWho(me);
addEventListener("hashchange", begin);
if (isAtDesk(me)) begin();
else
  main.replaceChildren(
    el("h1", {}, "Projects"),
    el("p", {}, "Your roles do not open this page. "),
    el("p", {}, el("a", { href: "/" }, "To your work")),
  );
