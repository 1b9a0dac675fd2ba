// The task screen: one task in hand, two more in memory, everything done by keys, nothing lost.

import { Refused, get, newId, post, whoAmI } from "./api.js";
import { showContent } from "./content.js";
import { ask, byId, el, say } from "./dom.js";
import { Drafts } from "./drafts.js";
import { showGuideline } from "./guideline.js";
import { Leases } from "./leases.js";
import { Journal } from "./journal.js";
import { isText, keyOf, listen, showSheet } from "./keys.js";
import { Marker } from "./marking.js";
import { markByMouse, startMarking, whileMarking } from "./marks.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { Sheet } from "./sheet.js";
import { Stopwatch, clockText } from "./stopwatch.js";

const AHEAD = 2;
const LOOK_AGAIN_MS = 10_000;
const SKIPS = [
  "outside my field",
  "not enough information",
  "content I do not want to see",
  "too long for now",
  "something else",
];

const project = new URLSearchParams(location.search).get("project");
const definitions = new Map();
const queue = []; // tasks in memory, ready to show
let task = null; // the task on screen
let panel = null;
let last = null; // the last submit, while it can be undone
let done = 0;
let isPlain = false;
let isStocking = false;
let claimKey = null;
let hasMore = true;

const me = await whoAmI();
const journal = new Journal(me.person.id);
const saved = (text) => (byId("saved").textContent = text);
const drafts = new Drafts(journal, saved);
const marker = new Marker();
const stopwatch = new Stopwatch((watch) => {
  byId("clock").textContent = task
    ? `active ${clockText(task.before + watch.active)}${watch.isIdle ? " (stopped)" : ""}`
    : "";
  if (task) leases.warnBeforeTheEnd(task);
});
const leases = new Leases(stopwatch, { held: () => [task, ...queue].filter(Boolean), lost: letGo });
const outbox = new Outbox(journal, { heard, refused, state: saved });

// -- tasks in and out ------------------------------------------------------------------------------------------------

async function definitionOf(version) {
  if (!definitions.has(version)) definitions.set(version, get(`/versions/${version}`));
  return definitions.get(version);
}

async function taskOf(assignment) {
  const definition = await definitionOf(assignment.version_id);
  return { ...assignment, definition, before: assignment.active_seconds, time: () => stopwatch, isDone: false };
}

async function start() {
  const { items } = await get("/assignments");
  journal.keepDraftsOf(items.map((one) => one.id));
  const mine = items.filter((one) => one.project_id === project && !outbox.holds(one.id));
  const begun = (one) => Number(one.state !== "leased" || one.draft !== null);
  for (const one of mine.sort((a, b) => begun(b) - begun(a))) queue.push(await taskOf(one));
  await showNext();
  stock();
}

// Keeps the next tasks in memory, each leased. A claim is repeated under its key until it is heard.
async function stock() {
  if (isStocking) return;
  isStocking = true;
  let why;
  try {
    while (queue.length + (task ? 1 : 0) <= Math.min(AHEAD, (task?.definition.held_max ?? Infinity) - 1)) {
      claimKey ??= newId();
      const assignment = await post(`/projects/${project}/assignments`, undefined, { "Idempotency-Key": claimKey });
      claimKey = null;
      hasMore = assignment !== null;
      if (!hasMore) break;
      queue.push(await taskOf(assignment));
      if (!task) await showNext();
    }
  } catch (reason) {
    if (reason instanceof Refused) claimKey = null;
    hasMore = reason.code === "TooManyHeld";
    why = reason.message;
  } finally {
    isStocking = false;
  }
  if (!task && !queue.length) showNothing(why);
}

async function showNext() {
  if (task) drafts.cancel();
  task = queue.shift() ?? null;
  if (!task) {
    if (hasMore) showNothing("The next task is on its way.", "One moment …");
    return stock();
  }
  const { rows, active, idle } = await drafts.open(task);
  stopwatch.reset(active, idle);
  task.sheet = new Sheet(task.definition, task.payload, structuredClone(rows));
  task.history = [];
  task.replace = (others) => {
    task.sheet.rows = new Sheet(task.definition, task.payload, structuredClone(others)).rows;
    panel.sync();
  };
  byId("title").textContent = task.definition.name;
  document.body.classList.remove("empty");
  draw();
  byId("content").scrollTop = byId("panel").scrollTop = 0;
  scrollTo(0, 0);
  panel.activate(panel.slots[0], { scroll: false });
  showGuideline(task.definition, journal);
  saved(task.draft ? "saved ✓" : "");
  leases.start(task);
}

// A task that was taken away leaves the screen, or the memory.
async function letGo(one, reason) {
  if (queue.includes(one)) queue.splice(queue.indexOf(one), 1);
  else if (one === task) {
    task = null;
    await showNext();
  }
  say(`A task was taken from you: ${reason}`, { isBad: true });
}

function draw() {
  marker.stop();
  marker.panes = showContent(byId("content"), task.sheet, { isPlain });
  panel = new Panel(byId("panel"), task.sheet, marker, changed);
}

function showNothing(
  reason = "Nothing is open for you now. This page looks again by itself.",
  title = done ? "Done for now" : "No task",
) {
  document.body.classList.add("empty");
  byId("content").replaceChildren(
    el(
      "div",
      { class: "nothing" },
      el("h2", {}, title),
      el("p", {}, reason),
      el("p", {}, el("a", { href: "/" }, "Back to your work")),
    ),
  );
  byId("panel").replaceChildren();
  panel = null;
}

// -- answers ---------------------------------------------------------------------------------------------------------

function changed(change) {
  if (!isText(document.activeElement)) task.history.push(JSON.stringify([...task.sheet.rows.values()]));
  change();
  panel.sync();
  keep();
}

function keep() {
  drafts.keep(task, [...task.sheet.rows.values()], stopwatch);
  drafts.schedule(task);
}

function leave(kind, body) {
  stopwatch.count();
  const entry = {
    kind,
    assignment: task.id,
    body: { fence: task.fence, active_seconds: round(stopwatch.active), idle_seconds: round(stopwatch.idle), ...body },
  };
  task.isDone = true;
  drafts.cancel();
  outbox.add(entry);
  return entry;
}

function count(step) {
  done += step;
  byId("done").textContent = done ? `${done} done` : "";
}

const round = (seconds) => Math.round(seconds * 10) / 10;

function submit() {
  if (!panel) return;
  const problems = task.sheet.problems();
  panel.showProblems(problems);
  if (problems.length)
    return say(`${problems.length} to complete: ${problems[0].slot.question.title} ${problems[0].reason}`, {
      isBad: true,
    });
  const entry = leave("response", { response_id: newId(), answers: task.sheet.answers() });
  count(1);
  last = { entry, task, heard: false };
  showActions();
  say("Submitted.");
  showNext();
}

function heard(entry, receipt) {
  journal.drop(`draft.${entry.assignment}`);
  if (last?.entry === entry) {
    last.heard = true;
    const mine = last;
    setTimeout(() => last === mine && ((last = null), showActions()), receipt.recall_seconds * 1000);
  }
  stock();
}

// A response that does not fit comes back on screen with what is wrong; another refusal is told.
async function refused(entry, reason) {
  if (last?.entry === entry) last = null;
  showActions();
  const told = reason.problems.map((one) => `${one.where} ${one.reason}`).join("; ");
  if (reason.status === 422) {
    const again =
      [...queue, last?.task].find((one) => one?.id === entry.assignment) ?? (await heldTask(entry.assignment));
    if (again) await putBack(again);
  }
  say(`Not taken: ${told || reason.message}`, { isBad: true });
  stock();
}

async function heldTask(id) {
  const { items } = await get("/assignments").catch(() => ({ items: [] }));
  const found = items.find((one) => one.id === id);
  return found && taskOf(found);
}

// Shows a task again; the one on screen waits, with what was answered so far.
async function putBack(again) {
  if (task) {
    await drafts.save(task);
    task.draft = { answers: [...task.sheet.rows.values()], version: task.version };
    task.isDone = false;
    queue.unshift(task);
    drafts.keep(task, [...task.sheet.rows.values()], stopwatch, false);
  }
  queue.unshift({ ...again, isDone: false });
  task = null;
  await showNext();
}

async function undo() {
  if (task?.history.length) {
    task.replace(JSON.parse(task.history.pop()));
    return keep();
  }
  return undoSubmit();
}

async function undoSubmit() {
  if (!last) return say("There is nothing to undo.");
  const undone = last;
  last = null;
  showActions();
  try {
    if (!outbox.takeBack(undone.entry)) {
      await outbox.settled(undone.entry);
      journal.drop(`draft.${undone.task.id}`);
      undone.task = await taskOf(await post(`/responses/${undone.entry.body.response_id}/recall`));
    }
    count(-1);
    await putBack(undone.task);
    say("Taken back. Your answers are here again.");
  } catch (reason) {
    say(reason.message, { isBad: true });
  }
}

async function giveBack(isFault) {
  if (!panel) return;
  const chips = SKIPS.map((reason, i) =>
    el(
      "label",
      { class: "chip" },
      el("input", { type: "radio", name: "chosen", value: reason, checked: i === 0 }),
      el("span", {}, reason),
    ),
  );
  const words = el(
    "label",
    {},
    el("span", {}, isFault ? "What is wrong with it?" : "In your words (optional)"),
    el("textarea", { name: "words", rows: 3, required: isFault, maxlength: 1900 }),
  );
  const fields = isFault
    ? [words]
    : [el("fieldset", { class: "chips tall" }, el("legend", { class: "unseen" }, "Reason"), chips), words];
  const answer = await ask(isFault ? "Report a fault of this item" : "Skip this task", fields, {
    confirm: isFault ? "Report and go on" : "Skip",
  });
  if (!answer) return;
  last = null;
  showActions();
  leave("return", { reason: [answer.chosen, answer.words.trim()].filter(Boolean).join(": "), is_fault: isFault });
  say(isFault ? "Reported. Thank you." : "Skipped; that leaves no mark.");
  showNext();
}

// -- the page --------------------------------------------------------------------------------------------------------

function showActions() {
  const button = (act, title, kind, run = acts[act]) =>
    el("button", { type: "button", class: kind, onclick: () => run() }, title, keyOf(act));
  byId("actions").replaceChildren(
    button("sheet", "Keys", "plain"),
    button("fault", "Fault", "plain"),
    button("skip", "Skip", "plain"),
    ...(last ? [button("undo", "Undo submit", null, undoSubmit)] : []),
    button("submit", "Submit", "main"),
  );
}

function toggleGuideline() {
  const aside = byId("guideline");
  if (!task) return;
  showGuideline(task.definition, journal, aside.hidden);
  if (!aside.hidden) aside.focus({ preventScroll: true });
  else panel.activate(panel.active, { scroll: false });
}

const scroll = (part) => byId("content").scrollBy({ top: part * byId("content").clientHeight * 0.85 });
const toPanel = (name) => (n) => panel?.act(name, n);

const acts = {
  pick: toPanel("pick"),
  none: toPanel("none"),
  bad: toPanel("bad"),
  erase: toPanel("erase"),
  enter: toPanel("enter"),
  notApplicable: () => panel?.flag(panel.active, "not_applicable"),
  cannotAssess: () => panel?.flag(panel.active, "cannot_assess"),
  next: () => panel?.move(1),
  previous: () => panel?.move(-1),
  nextPart: () => panel?.movePart(1),
  previousPart: () => panel?.movePart(-1),
  why: () => panel?.why(),
  leave: () => panel?.activate(panel.active),
  mark: () => startMarking(panel, marker),
  guideline: toggleGuideline,
  plain: () => task && ((isPlain = !isPlain), draw(), say(isPlain ? "Plain text." : "Formatted text.")),
  up: () => scroll(-1),
  down: () => scroll(1),
  skip: () => giveBack(false),
  fault: () => giveBack(true),
  submit,
  undo,
  save: () => task && drafts.save(task),
  sheet: showSheet,
};

listen(acts, (event) => whileMarking(event, panel, marker));
markByMouse(() => panel, marker);
byId("guideline-button").addEventListener("click", toggleGuideline);
byId("guideline-button").replaceChildren("Guideline", keyOf("guideline"));
showActions();
setInterval(() => !queue.length && stock(), LOOK_AGAIN_MS);
addEventListener(
  "pagehide",
  () =>
    task &&
    drafts.keep(task, [...task.sheet.rows.values()], stopwatch, journal.read(`draft.${task.id}`)?.isUnsaved ?? false),
);
if (!project) location.replace("/");
else start().catch((reason) => showNothing(reason.message));
