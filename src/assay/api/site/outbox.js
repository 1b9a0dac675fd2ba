// Sends what an annotator has finished, in order, until the server has heard it; written down before the first attempt.

import { Refused, post } from "./api.js";

const WAIT_MS = [500, 1000, 2000, 4000, 8000, 15000];

export class Outbox {
  // `heard(entry, reply)` and `refused(entry, refusal)` are called once for each entry; `state(text)` tells how it goes.
  constructor(journal, { heard, refused, state }) {
    Object.assign(this, { journal, heard, refused, state });
    this.entries = journal.read("outbox", []);
    this.seen = new Set(this.entries.map((entry) => entry.assignment));
    this.inFlight = null;
    this.isRunning = false;
    addEventListener("online", () => this.wake?.());
    this.run();
  }

  add(entry) {
    this.seen.add(entry.assignment);
    this.entries.push(entry);
    this.keep();
    this.run();
  }

  // Takes back what has not left yet; says whether it could.
  takeBack(entry) {
    if (this.inFlight === entry || !this.entries.includes(entry)) return false;
    this.entries = this.entries.filter((one) => one !== entry);
    this.keep();
    return true;
  }

  // Has this assignment been finished here, whether the server knows by now or not?
  holds(assignment) {
    return this.seen.has(assignment);
  }

  // Resolves when the entry has been heard or refused.
  async settled(entry) {
    while (this.entries.includes(entry)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  keep() {
    if (!this.journal.write("outbox", this.entries)) this.state("this browser keeps nothing: stay until it is sent");
  }

  async run() {
    if (this.isRunning) return;
    this.isRunning = true;
    for (let failures = 0; this.entries.length;) {
      const entry = (this.inFlight = this.entries[0]);
      try {
        const reply = await post(`/assignments/${entry.assignment}/${entry.kind}`, entry.body);
        failures = 0;
        this.finish(entry, () => this.heard(entry, reply));
      } catch (reason) {
        if (reason instanceof Refused && reason.status !== 401) {
          if (await this.mend(entry, reason)) continue;
          this.finish(entry, () => this.refused(entry, reason));
        } else {
          this.state(
            reason.status === 401
              ? "signed out: sign in again, your work is kept"
              : "no connection: your work is kept here",
          );
          this.inFlight = null;
          await this.pause(WAIT_MS[Math.min(failures++, WAIT_MS.length - 1)]);
        }
      }
    }
    this.inFlight = null;
    this.isRunning = false;
  }

  // A lease that ended meanwhile is taken up again, once, under its new token.
  async mend(entry, reason) {
    if (reason.code !== "LeaseOver" || entry.isMended) return false;
    const again = await post(`/assignments/${entry.assignment}/resume`).catch(() => null);
    if (again) entry.body.fence = again.fence;
    entry.isMended = true;
    this.keep();
    return again !== null;
  }

  finish(entry, tell) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.inFlight = null;
    this.keep();
    tell();
  }

  pause(ms) {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, ms);
    });
  }
}
