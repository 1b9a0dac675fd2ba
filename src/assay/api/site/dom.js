// Builds what is on the pages from elements and text alone: nothing that came from outside is ever read as HTML.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean" && name in node) node[name] = value;
    else node.setAttribute(name === "class" ? "class" : name, value);
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

// Said aloud by screen readers and shown in the bar; one message at a time.
export function say(text, { isBad = false } = {}) {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("bad", isBad);
}

// A question in a window of its own. Resolves with the form's values, or null when it was left by Escape.
export function ask(title, fields, { confirm, cancel = "Cancel" }) {
  return new Promise((resolve) => {
    const form = el("form", { method: "dialog" }, el("h2", { id: "ask" }, title), fields);
    const close = (value) => () => (dialog.close(), resolve(value()));
    const bar = el(
      "p",
      { class: "actions" },
      cancel && el("button", { type: "button", onclick: close(() => null) }, cancel),
      el("button", { class: "main" }, confirm),
    );
    form.append(bar);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      close(() => Object.fromEntries(new FormData(form)))();
    });
    const dialog = el("dialog", { "aria-labelledby": "ask", oncancel: close(() => null) }, form);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}
