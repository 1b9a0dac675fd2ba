// Holds on to the tasks in hand while somebody is there, and lets them go when nobody is.

import { Refused, now, post } from "./api.js";
import { say } from "./dom.js";

const HEARTBEAT_MS = 60_000;
const PRESENT_SECONDS = 300; // without a sign of a person for so long, leases are no longer extended
const WARNING_MS = 120_000;

export class Leases {
  // `held()` gives the tasks in hand; `lost(task, why)` is called when one cannot be kept.
  constructor(stopwatch, { held, lost }) {
    Object.assign(this, { stopwatch, held, lost });
    setInterval(() => stopwatch.secondsSinceSign < PRESENT_SECONDS && this.beat(), HEARTBEAT_MS);
  }

  start(task) {
    return this.extend(task, "start");
  }

  async beat() {
    for (const task of this.held()) await this.extend(task, "heartbeat");
  }

  async extend(task, how) {
    try {
      this.renew(task, await post(`/assignments/${task.id}/${how}`, { fence: task.fence }));
    } catch (reason) {
      if (reason instanceof Refused && !task.isDone) await this.resume(task, reason);
    }
  }

  // A lease that ended is taken up again, unless someone else has the task by now.
  async resume(task, reason) {
    try {
      this.renew(task, await post(`/assignments/${task.id}/resume`));
    } catch (refusal) {
      if (refusal instanceof Refused && !task.isDone) this.lost(task, reason.message);
    }
  }

  renew(task, lease) {
    task.fence = lease.fence;
    task.lease_until = lease.lease_until;
  }

  warnBeforeTheEnd(task) {
    const isNear = Date.parse(task.lease_until) - now() < WARNING_MS;
    if (isNear && !task.isWarned)
      say("This task is kept for you for less than two minutes more; any sign of you extends it.");
    if (isNear && task.isWarned && !this.stopwatch.isIdle) this.beat();
    task.isWarned = isNear;
  }
}
