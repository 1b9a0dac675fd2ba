// Saves a task's answers: at once in this browser, after a second on the server, and never over what someone else saved.

import { get, put } from "./api.js";
import { ask, el } from "./dom.js";

const AFTER_MS = 1000;

export class Drafts {
  constructor(journal, state) {
    Object.assign(this, { journal, state });
    this.timer = null;
    this.saving = Promise.resolve();
  }

  // The answers to go on with: those of this browser when the server has not got them, else the server's.
  async open(task) {
    task.version = task.draft?.version ?? 0;
    const kept = this.journal.read(`draft.${task.id}`);
    if (!kept) return { rows: task.draft?.answers ?? [], active: 0, idle: 0 };
    const stored = task.draft?.answers ?? [];
    const isOurs = kept.version === task.version || same(kept.rows, stored) || same(kept.sent, stored);
    const rows = !kept.isUnsaved ? stored : isOurs ? kept.rows : await choose(kept.rows, stored);
    if (kept.isUnsaved) this.schedule(task);
    return { rows, active: kept.active, idle: kept.idle };
  }

  keep(task, rows, { active, idle }, isUnsaved = true) {
    const kept = this.journal.write(`draft.${task.id}`, {
      rows,
      active,
      idle,
      version: task.version,
      sent: task.sent,
      isUnsaved,
    });
    if (!kept) this.state("this browser keeps nothing");
  }

  schedule(task) {
    clearTimeout(this.timer);
    this.state("saving …");
    this.timer = setTimeout(() => this.save(task), AFTER_MS);
  }

  cancel() {
    clearTimeout(this.timer);
  }

  // One save at a time, so that each names the version that it changed.
  save(task) {
    clearTimeout(this.timer);
    this.saving = this.saving.then(() => this.send(task));
    return this.saving;
  }

  async send(task) {
    if (task.isDone) return;
    const rows = [...task.sheet.rows.values()];
    const before = task.sent;
    task.sent = rows;
    this.keep(task, rows, task.time());
    try {
      const saved = await put(
        `/assignments/${task.id}/draft`,
        { fence: task.fence, answers: rows },
        { "If-Match": String(task.version) },
      );
      task.version = saved.version;
      this.settle(task, rows);
    } catch (reason) {
      if (task.isDone) return;
      if (reason.code === "DraftChanged") return this.merge(task, rows, before);
      this.state(reason.status ? `not saved: ${reason.message}` : "kept here, no connection");
      if (!reason.status) this.timer = setTimeout(() => this.save(task), 5 * AFTER_MS);
    }
  }

  settle(task, rows) {
    const isLatest = same(rows, [...task.sheet.rows.values()]);
    if (!isLatest) return this.schedule(task);
    this.keep(task, rows, task.time(), false);
    this.state("saved ✓");
  }

  // What is stored under a newer version may be our own, whose reply was lost; else the person decides.
  async merge(task, rows, before) {
    const stored = (await get("/assignments")).items.find((one) => one.id === task.id)?.draft;
    if (!stored) return;
    task.version = stored.version;
    const isOurs = [rows, before].some((one) => same(one, stored.answers));
    if (!isOurs) task.replace(await choose(rows, stored.answers));
    this.schedule(task);
  }
}

const sorted = (_, value) =>
  value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort())
    : value;
const same = (a, b) => JSON.stringify(a, sorted) === JSON.stringify(b, sorted);

async function choose(here, there) {
  const key = (row) => `${row.question}${row.target ? ` (${row.target})` : ""}`;
  const told = (rows, name) => JSON.stringify(rows.find((row) => key(row) === name)?.value ?? null);
  const names = [...new Set([...here, ...there].map(key))].filter((name) => told(here, name) !== told(there, name));
  const row = (name) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, told(here, name)), el("td", {}, told(there, name)));
  const table = el(
    "table",
    {},
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ["Question", "Here", "Saved elsewhere"].map((title) => el("th", { scope: "col" }, title)),
      ),
    ),
    el("tbody", {}, names.map(row)),
  );
  const options = [
    ["here", "Keep what is here"],
    ["there", "Take what was saved elsewhere"],
  ].map(([value, title], i) =>
    el(
      "label",
      { class: "chip" },
      el("input", { type: "radio", name: "which", value, checked: i === 0 }),
      el("span", {}, title),
    ),
  );
  const answer = await ask("This task was changed in another place", [table, el("div", { class: "chips" }, options)], {
    confirm: "Go on",
    cancel: null,
  });
  return answer?.which === "there" ? there : here;
}
