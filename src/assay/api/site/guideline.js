// The guideline beside the work; a version that was not read yet says so until it is closed once.

import { byId, el } from "./dom.js";
import { keyOf } from "./keys.js";
import { markdown } from "./markdown.js";

const ROOM_BESIDE = 1400; // pixels, from which on it covers nothing

export function showGuideline({ guideline, guideline_version: version, project_id: project }, journal, wanted) {
  if (wanted === false) journal.write(`guideline.${project}`, version);
  const isNew = journal.read(`guideline.${project}`) !== version;
  const aside = byId("guideline");
  const button = byId("guideline-button");
  if (aside.dataset.version !== version)
    aside.replaceChildren(
      el(
        "p",
        { class: "quiet" },
        `Guideline ${version}`,
        el("button", { type: "button", onclick: () => button.click() }, "Close"),
      ),
      markdown(guideline),
    );
  aside.dataset.version = version;
  aside.hidden = !(wanted ?? (isNew ? innerWidth >= ROOM_BESIDE : !aside.hidden));
  button.setAttribute("aria-expanded", !aside.hidden);
  button.replaceChildren(
    `Guideline ${version}`,
    isNew ? el("span", { class: "new" }, " ● new") : "",
    keyOf("guideline"),
  );
}
