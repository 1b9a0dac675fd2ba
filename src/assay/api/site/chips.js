// The one control that most questions are answered with: an input with its title and its key.

import { el } from "./dom.js";

let made = 0;

// The name under which the radio buttons of one question belong together.
export const newName = () => `q${++made}`;

export function chip(type, name, title, { key, label, onchange, onclick, tone }) {
  const input = el("input", { type, name, onchange, onclick, "aria-label": label });
  return {
    input,
    node: el(
      "label",
      { class: tone === undefined ? "chip" : `chip tone-${tone}` },
      input,
      el("span", {}, title),
      key !== undefined && el("kbd", { "aria-hidden": "true" }, key),
    ),
  };
}

export const titled = (option) => option.title || option.id;
export const keyFor = (index) => (index < 9 ? index + 1 : undefined);
