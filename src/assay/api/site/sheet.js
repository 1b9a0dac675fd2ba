// The answers to one item while they are made: what is asked, what is said, what is missing. Knows nothing of the page.

import * as codepoints from "./codepoints.js";
import { holds, isMet } from "./conditions.js";

const FLAGS = ["not_applicable", "cannot_assess"];

export class Sheet {
  constructor(definition, payload, rows = []) {
    this.fields = new Map(definition.fields.map((field) => [field.key, field]));
    this.questions = definition.questions;
    this.payload = payload;
    this.rows = new Map(rows.map((row) => [place(row.question, row.target ?? null), row]));
  }

  at(path) {
    return path
      .split(".")
      .slice(1)
      .reduce((inner, step) => inner?.[step], this.payload);
  }

  value(field) {
    return this.at(this.fields.get(field).from);
  }

  hasParts(field) {
    return ["candidates", "conversation"].includes(this.fields.get(field)?.type);
  }

  parts(field, role) {
    const found = this.hasParts(field) ? this.value(field) || [] : [];
    return found.filter((part) => !role || part.role === role);
  }

  text(field, part) {
    if (!this.hasParts(field)) return this.value(field) ?? "";
    const pieces = this.parts(field).flatMap((one) => one.messages || [one]);
    return pieces.find((one) => one.id === part)?.text ?? "";
  }

  lang(field) {
    const lang = this.fields.get(field).lang;
    return lang?.startsWith("item.") ? this.at(lang) : lang;
  }

  options(question) {
    const found = question.options || this.at(question.options_from) || [];
    return found.map((option) => (typeof option === "string" ? { id: option } : option));
  }

  about(question) {
    const implied = question.type === "span" && this.hasParts(question.of.field);
    return question.about || (implied ? { field: question.of.field } : null);
  }

  targets(question) {
    const needed = question.of?.field ?? question.base?.field;
    if (needed && (this.value(needed) ?? null) === null) return [];
    const about = this.about(question);
    if (!about) return [null];
    if (about.field) return this.parts(about.field, about.role).map((part) => part.id);
    const drawn = [...this.rows.values()].filter((row) => row.question === about.question && row.value);
    return drawn.flatMap((row) => row.value.map((span) => span.id));
  }

  // Every place where an answer is asked for now, in the order of the questions.
  slots() {
    return this.questions.flatMap((question) =>
      this.targets(question)
        .filter((target) => !question.when || isMet(question.when, (key) => this.answer(key, target)))
        .map((target) => ({ key: place(question.key, target), question, target })),
    );
  }

  answer(key, target) {
    return (this.rows.get(place(key, target)) || this.rows.get(place(key, null)))?.value ?? null;
  }

  row(slot) {
    return this.rows.get(slot.key) || {};
  }

  set(slot, change) {
    const row = { question: slot.question.key, target: slot.target, ...this.row(slot), ...change };
    if (change.value !== undefined) FLAGS.forEach((flag) => delete row[flag]);
    if (FLAGS.some((flag) => row[flag])) row.value = null;
    this.rows.set(slot.key, row);
  }

  isAnswered(slot) {
    const row = this.row(slot);
    return FLAGS.some((flag) => row[flag]) || !isEmpty(row.value);
  }

  needsWhy(slot) {
    const why = slot.question.why || "off";
    return why === "required" || (why.required_if !== undefined && holds(why.required_if, this.row(slot).value));
  }

  problem(slot) {
    const { question } = slot;
    const row = this.row(slot);
    if (!this.isAnswered(slot)) return question.required === false ? null : "needs an answer";
    if (this.needsWhy(slot) && !row.why?.trim()) return "needs a reason";
    if (FLAGS.some((flag) => row[flag])) return null;
    return RULES[question.type]?.(question, row.value, this, slot) || null;
  }

  problems() {
    return this.slots()
      .map((slot) => ({ slot, reason: this.problem(slot) }))
      .filter(({ reason }) => reason);
  }

  // What is sent: the answers to what is asked now, each as the API wants it.
  answers() {
    return this.slots()
      .filter((slot) => this.isAnswered(slot))
      .map((slot) => {
        const { why, ...row } = this.row(slot);
        if (slot.question.type === "number" && row.value !== null) row.value = decimal(row.value) ?? row.value;
        return why?.trim() ? { ...row, why } : row;
      });
  }
}

export const place = (key, target) => (target === null ? key : `${key}[${target}]`);

const isEmpty = (value) =>
  value === undefined ||
  value === null ||
  value === "" ||
  (value.text === "" && !value.unchanged) ||
  (value.tiers && !value.tiers.length && !value.all_bad);

// The digits with a point that a person meant, or null when there is no telling (is 1,234 one or a thousand?).
export function decimal(typed) {
  let text = String(typed)
    .trim()
    .replace(/[\s\u00a0\u202f']/g, "")
    .replace(/^\+/, "")
    .replace("−", "-");
  if (/^-?\d+,\d+$/.test(text) && !/,\d{3}$/.test(text)) text = text.replace(",", ".");
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(text)) return null;
  return text
    .replace(/^(-?)0*(?=\d)/, "$1")
    .replace(/^(-?)\./, "$10.")
    .replace(/\.$/, "");
}

export const plainLines = (text) => text.replace(/\r\n?/g, "\n");

const RULES = {
  choices(question, value, sheet) {
    const alone = sheet.options(question).some((option) => option.exclusive && value.includes(option.id));
    if (!alone && value.length < (question.min ?? 0)) return `needs at least ${question.min}`;
    if (question.max && value.length > question.max) return `takes at most ${question.max}`;
  },
  number(question, value) {
    const text = decimal(value);
    if (text === null) return "is no number; write it as 1234.50";
    if (question.min !== undefined && Number(text) < Number(question.min)) return `is at least ${question.min}`;
    if (question.max !== undefined && Number(text) > Number(question.max)) return `is at most ${question.max}`;
    if (question.decimals !== undefined && (text.split(".")[1] || "").replace(/0+$/, "").length > question.decimals)
      return `has at most ${question.decimals} decimals`;
  },
  pairwise(question, value) {
    const needed = question.strengths?.length && !["tie", "both_bad"].includes(value.verdict);
    if (needed && !value.strength) return "needs a strength";
  },
  ranking(question, value, sheet) {
    const all = sheet.parts(question.of.field).length;
    const ranked = value.tiers.flat().length;
    if (value.all_bad && !ranked) return null;
    const wanted = Math.min(question.top ?? all, all);
    if (ranked < wanted) return `needs ${wanted - ranked} more in order`;
  },
  text(question, value, sheet) {
    const text = typeof value === "string" ? value : value.text;
    if (question.base && !value.unchanged && text === plainLines(sheet.text(question.base.field, value.base)))
      return "is as it was; change it, or say that it stays";
    const n = codepoints.length(text);
    const { min = 0, max = 100_000 } = question.length || {};
    if (n < min) return `has ${n} characters; at least ${min} are asked for`;
    if (n > max) return `has ${n} characters; at most ${max} are asked for`;
  },
  span(question, value) {
    if (value.length < (question.min ?? 0)) return `needs at least ${question.min} marks`;
  },
};
