// One table of keys: it binds them, prints them on the controls, and is the sheet that `?` shows.
// Keys are places on the keyboard (KeyboardEvent.code), so they stay where they are on every layout.

import { el } from "./dom.js";

const digits = Array.from({ length: 9 }, (_, n) => [`Digit${n + 1}`, `Numpad${n + 1}`]);

export const KEYS = [
  { act: "pick", codes: digits.flat(), shows: "1–9", does: "choose option, level or candidate" },
  { act: "none", codes: ["Digit0", "Numpad0"], shows: "0", does: "tie; none" },
  { act: "bad", codes: ["KeyB"], shows: "B", does: "both or all bad" },
  { act: "notApplicable", codes: ["KeyN"], shows: "N", does: "not applicable" },
  { act: "cannotAssess", codes: ["KeyU"], shows: "U", does: "cannot assess" },
  { act: "next", codes: ["KeyJ"], shows: "J", does: "next question" },
  { act: "previous", codes: ["KeyK"], shows: "K", does: "previous question" },
  { act: "nextPart", codes: ["BracketRight"], shows: "]", does: "same question, next candidate" },
  { act: "previousPart", codes: ["BracketLeft"], shows: "[", does: "same question, previous candidate" },
  { act: "enter", codes: ["Enter", "NumpadEnter"], shows: "Enter", does: "enter the question's text field" },
  { act: "why", codes: ["KeyC"], shows: "C", does: "write the reason" },
  { act: "leave", codes: ["Escape"], shows: "Esc", does: "leave text field or marking", inText: true },
  {
    act: "mark",
    codes: ["KeyH"],
    shows: "H",
    does: "mark text: arrows move, Ctrl by words, Shift extends, Enter sets",
  },
  { act: "erase", codes: ["Backspace", "Delete"], shows: "⌫", does: "take back the last mark or place in the order" },
  { act: "guideline", codes: ["KeyG"], shows: "G", does: "guideline in and out" },
  { act: "plain", codes: ["KeyP"], shows: "P", does: "plain text, as imported" },
  { act: "up", codes: ["PageUp"], shows: "PgUp", does: "scroll the content up" },
  { act: "down", codes: ["PageDown"], shows: "PgDn", does: "scroll the content down" },
  { act: "skip", codes: ["KeyX"], shows: "X", does: "skip with a reason" },
  { act: "fault", codes: ["KeyF"], shows: "F", does: "report a fault of the item" },
  {
    act: "submit",
    codes: ["Enter", "NumpadEnter"],
    shows: "Ctrl Enter",
    does: "submit",
    isCommand: true,
    inText: true,
  },
  {
    act: "undo",
    codes: ["KeyZ"],
    shows: "Ctrl Z",
    does: "undo the last change; with none, the last submit",
    isCommand: true,
  },
  { act: "save", codes: ["KeyS"], shows: "Ctrl S", does: "save now (it already is)", isCommand: true, inText: true },
  { act: "sheet", key: "?", codes: [], shows: "?", does: "this sheet" },
];

const OFF = "assay.single-keys-off";
const TEXT = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button])";

export const isText = (node) => node instanceof Element && node.matches(TEXT);

export function keyOf(act) {
  return el("kbd", { "aria-hidden": "true" }, KEYS.find((key) => key.act === act).shows);
}

// Calls acts[name](n) for each key. `first` may take a key before all others, as marking does.
export function listen(acts, first) {
  const unbound = KEYS.filter((key) => !acts[key.act]);
  if (unbound.length) throw new Error(`keys without an action: ${unbound.map((key) => key.act)}`);
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
    if (!isText(event.target) && first(event)) return event.preventDefault();
    const found = KEYS.find((key) => fits(key, event));
    if (!found) return;
    event.preventDefault();
    acts[found.act](1 + Math.floor(found.codes.indexOf(event.code) / 2));
  });
}

function fits(key, event) {
  const isCommand = event.ctrlKey || event.metaKey;
  const isSingle = !key.isCommand && key.act !== "leave";
  if (key.key ? event.key !== key.key : !key.codes.includes(event.code)) return false;
  if (isCommand !== Boolean(key.isCommand) || event.altKey || (event.shiftKey && !key.key)) return false;
  if (isText(event.target) && !key.inText) return false;
  if (isSingle && localStorage.getItem(OFF)) return false;
  return !(key.act === "enter" && event.target.closest?.("button, a, summary"));
}

export function showSheet() {
  const off = el("input", {
    type: "checkbox",
    checked: !localStorage.getItem(OFF),
    onchange: () => (off.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")),
  });
  const rows = KEYS.map((key) => el("div", {}, el("dt", {}, el("kbd", {}, key.shows)), el("dd", {}, key.does)));
  const dialog = el(
    "dialog",
    { class: "sheet", "aria-labelledby": "keys" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "keys" }, "Keys"),
      el("dl", {}, rows),
      el("p", {}, "Hold Cmd instead of Ctrl on a Mac."),
      el("p", {}, el("label", {}, off, " Keys without Ctrl are on")),
      el("p", { class: "actions" }, el("button", { class: "main", autofocus: true }, "Close")),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
