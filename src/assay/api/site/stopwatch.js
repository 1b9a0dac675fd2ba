// Honest time: seconds are active until 60 seconds after the last sign of a person, then idle.

const IDLE_AFTER_MS = 60_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "input", "focus"];

export class Stopwatch {
  constructor(tick) {
    this.lastSign = this.lastTick = performance.now();
    this.reset();
    SIGNS.forEach((sign) => addEventListener(sign, () => this.sign(), { capture: true, passive: true }));
    setInterval(() => (this.count(), tick(this)), 1000);
  }

  // Starts over for another task, with what was counted for it before.
  reset(active = 0, idle = 0) {
    this.count();
    Object.assign(this, { active, idle });
  }

  sign() {
    this.count();
    this.lastSign = performance.now();
  }

  get isIdle() {
    return performance.now() - this.lastSign > IDLE_AFTER_MS;
  }

  get secondsSinceSign() {
    return (performance.now() - this.lastSign) / 1000;
  }

  count() {
    const now = performance.now();
    const activeUntil = Math.min(now, this.lastSign + IDLE_AFTER_MS);
    const active = Math.max(0, activeUntil - this.lastTick);
    this.active += active / 1000;
    this.idle += (now - this.lastTick - active) / 1000;
    this.lastTick = now;
  }
}

export function clockText(seconds) {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}
