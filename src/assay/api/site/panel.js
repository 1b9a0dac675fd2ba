// The questions beside the content: builds what is asked now, keeps one question in hand, and takes the verdict keys.

import { letter, paint } from "./content.js";
import { el } from "./dom.js";
import { ADVANCES, EDITORS } from "./editors.js";
import { markdown } from "./markdown.js";

const FLAGS = { not_applicable: ["Not applicable", "N"], cannot_assess: ["Cannot assess", "U"] };

export class Panel {
  constructor(root, sheet, marker, changed) {
    Object.assign(this, { root, sheet, marker, changed });
    this.built = new Map(); // slot key -> what stands on the page for it
    this.sections = new Map(); // question key -> section
    this.active = null;
    this.root.replaceChildren();
    this.sync();
    this.activate(this.slots[0], { focus: false });
  }

  // Brings the page in line with the sheet: which questions are asked, what they hold, what is marked in the texts.
  sync() {
    this.slots = this.sheet.slots();
    const wanted = new Set(this.slots.map((slot) => slot.key));
    for (const [key, { node }] of this.built) if (!wanted.has(key)) (node.remove(), this.built.delete(key));
    for (const slot of this.slots) {
      if (!this.built.has(slot.key)) this.build(slot);
      const { editor, show } = this.built.get(slot.key);
      editor.show(this.sheet.row(slot));
      show();
    }
    for (const [key, { node, slots }] of this.sections) {
      node.hidden = !this.slots.some((slot) => slot.question.key === key);
      const ordered = this.slots
        .filter((slot) => slot.question.key === key)
        .map((slot) => this.built.get(slot.key).node);
      ordered.forEach((one, i) => slots.children[i] !== one && slots.insertBefore(one, slots.children[i] ?? null));
    }
    for (const pane of this.marker.panes.values()) paint(pane, this.spansIn(pane));
    if (this.active && !wanted.has(this.active.key)) this.activate(this.slots[0], { focus: false });
  }

  spansIn(pane) {
    return this.slots
      .filter((slot) => slot.question.type === "span" && this.marker.of(slot) === pane)
      .flatMap((slot) =>
        (this.sheet.row(slot).value || []).map((span) => ({
          ...span,
          ...this.built.get(slot.key).editor.titles[span.label],
        })),
      );
  }

  build(slot) {
    const { question } = slot;
    if (!this.sections.has(question.key)) this.buildSection(question);
    const set = (value) => this.set(slot, { value });
    const editor = EDITORS[question.type](slot, this.sheet, set, this.marker);
    const flags = Object.entries(FLAGS)
      .filter(([flag]) => question[flag])
      .map(([flag, [title, key]]) => {
        const input = el("input", { type: "checkbox", onchange: () => this.flag(slot, flag) });
        return {
          flag,
          input,
          node: el("label", { class: "chip" }, input, el("span", {}, title), el("kbd", { "aria-hidden": "true" }, key)),
        };
      });
    const why = el("textarea", { rows: 2, dir: "auto", oninput: () => this.set(slot, { why: why.value }) });
    const whyBox = el("label", { class: "why" }, el("span", {}, "Why?"), why);
    const fault = el("p", { class: "fault", id: `fault-${slot.key}`, hidden: true });
    const legend =
      slot.target === null
        ? el("legend", { class: "unseen" }, question.title)
        : el("legend", {}, el("span", { class: "unseen" }, `${question.title}: `), this.targetTitle(slot));
    const node = el(
      "fieldset",
      { class: "slot", tabindex: -1, "data-slot": slot.key, "aria-describedby": fault.id },
      legend,
      editor.nodes,
      flags.length > 0 &&
        el(
          "div",
          { class: "chips" },
          flags.map((one) => one.node),
        ),
      whyBox,
      fault,
    );
    node.addEventListener("focusin", () => this.activate(slot, { focus: false }));
    node.addEventListener("mousedown", (event) => {
      if (event.target.closest(".chip") && this.marker.selected()) event.preventDefault(); // the selection is about to be labelled
    });
    const show = () => {
      const row = this.sheet.row(slot);
      flags.forEach((one) => (one.input.checked = Boolean(row[one.flag])));
      if (why.value !== (row.why ?? "")) why.value = row.why ?? "";
      const rule = question.why || "off";
      whyBox.hidden = rule === "off" || (rule.required_if !== undefined && !this.sheet.needsWhy(slot) && !row.why);
    };
    this.built.set(slot.key, { node, editor, fault, show, why, whyBox });
  }

  buildSection(question) {
    const slots = el("div", { class: "slots" });
    const anchors = Object.entries(question.scale?.anchors || {}).sort(([a], [b]) => a - b);
    const told = question.options?.some((option) => option.help);
    const node = el(
      "section",
      { class: "question" },
      el("h3", {}, question.title, question.required === false && el("small", {}, " optional")),
      question.help && el("div", { class: "help" }, markdown(question.help)),
      anchors.length > 0 &&
        !question.scale.between &&
        el(
          "p",
          { class: "help" },
          anchors.map(([step, text], i) => [i > 0 && " · ", el("b", {}, step), ` ${text}`]),
        ),
      told &&
        el(
          "details",
          { class: "help" },
          el("summary", {}, "What the options mean"),
          el(
            "dl",
            {},
            question.options.map((option) => [el("dt", {}, option.title || option.id), el("dd", {}, option.help)]),
          ),
        ),
      slots,
    );
    this.sections.set(question.key, { node, slots });
    const keys = this.sheet.questions.map(({ key }) => key);
    const after = keys
      .slice(keys.indexOf(question.key) + 1)
      .map((key) => this.sections.get(key)?.node)
      .find(Boolean);
    this.root.insertBefore(node, after ?? null);
  }

  targetTitle(slot) {
    const about = this.sheet.about(slot.question);
    if (about.question) {
      const drawn = [...this.sheet.rows.values()].flatMap(
        (row) => (row.question === about.question && row.value) || [],
      );
      return el("bdi", {}, `“${drawn.find((span) => span.id === slot.target)?.quote ?? slot.target}”`);
    }
    const index = this.sheet.parts(about.field).findIndex((part) => part.id === slot.target);
    const isCandidate = this.sheet.fields.get(about.field).type === "candidates";
    return isCandidate ? letter(index) : `Message ${index + 1}, ${this.sheet.parts(about.field)[index].role}`;
  }

  set(slot, change) {
    this.changed(() => this.sheet.set(slot, change));
    const { fault } = this.built.get(slot.key) || {};
    if (fault) fault.hidden = true;
  }

  flag(slot, flag) {
    const on = !this.sheet.row(slot)[flag];
    if (!slot.question[flag]) return;
    this.changed(() =>
      this.sheet.rows.set(slot.key, {
        question: slot.question.key,
        target: slot.target,
        value: on ? null : undefined,
        [flag]: on,
      }),
    );
  }

  activate(slot, { focus = true, scroll = true } = {}) {
    if (!slot) return;
    this.active = slot;
    for (const [key, { node }] of this.built) node.classList.toggle("active", key === slot.key);
    document
      .querySelectorAll("#content [data-part]")
      .forEach((node) => node.classList.toggle("about", node.dataset.part === slot.target));
    if (!focus) return;
    const { node } = this.built.get(slot.key);
    node.focus({ preventScroll: true });
    if (scroll) node.scrollIntoView({ block: "nearest" });
  }

  move(step) {
    const at = this.slots.findIndex((slot) => slot.key === this.active?.key);
    this.activate(this.slots[Math.min(Math.max(at + step, 0), this.slots.length - 1)]);
  }

  movePart(step) {
    const same = this.slots.filter((slot) => slot.question.key === this.active?.question.key);
    const at = same.findIndex((slot) => slot.key === this.active.key);
    this.activate(same[(at + step + same.length) % same.length]);
  }

  // A verdict key goes to the question in hand; the first full answer to a simple question leads to the next one.
  act(name, n) {
    const slot = this.active;
    const editor = slot && this.built.get(slot.key).editor;
    if (!editor?.[name]) return;
    const wasAnswered = this.sheet.isAnswered(slot);
    editor[name](n);
    if (!wasAnswered && ADVANCES.has(slot.question.type) && !this.sheet.problem(slot)) this.move(1);
  }

  why() {
    const { why, whyBox } = this.built.get(this.active?.key) || {};
    if (whyBox && !whyBox.hidden) why.focus();
  }

  // The span question that marking is about: the one in hand, else the one whose text holds the selection, else the first.
  spanSlot() {
    const spans = this.slots.filter((slot) => slot.question.type === "span");
    const pane = this.marker.pane ?? this.marker.selected()?.pane;
    const fits = (slot) => slot.question.type === "span" && (!pane || this.marker.of(slot) === pane);
    const ofTarget = (slot) => !pane && slot.target === this.active?.target;
    return this.active && fits(this.active)
      ? this.active
      : spans.find((slot) => pane && fits(slot)) || spans.find(ofTarget) || spans[0];
  }

  showProblems(problems) {
    for (const { fault, node } of this.built.values()) ((fault.hidden = true), node.classList.remove("wrong"));
    for (const { slot, reason } of problems) {
      const { fault, node } = this.built.get(slot.key);
      fault.textContent = reason;
      fault.hidden = false;
      node.classList.add("wrong");
    }
    if (problems.length) this.activate(problems[0].slot);
  }
}
