// Numbers and times as people read them; the same everywhere on the page.

/** A number with as many digits as tell it apart from its neighbours. */
export function number(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return { nan: "NaN", inf: "∞", "-inf": "−∞" }[value.toLowerCase()] ?? value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en-US");
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(3);
  return value.toLocaleString("en-US", { maximumSignificantDigits: 5 });
}

/** A count and what is counted, as `1 row` and `2 rows`. */
export const many = (count, what) => `${number(count)} ${what}${count === 1 ? "" : "s"}`;

/** A number beside an axis, short: `20k`, `1.5M`. */
export function tick(value) {
  const size = Math.abs(value);
  for (const [unit, at] of [["G", 1e9], ["M", 1e6], ["k", 1e4]]) {
    if (size >= at && size < 1e15) return `${Number((value / (unit === "k" ? 1e3 : at)).toPrecision(4))}${unit}`;
  }
  return number(value);
}

/** Seconds as `1 h 02 min`, `3 min 20 s`, `4.1 s`, `12 ms`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds !== 0 && seconds < 0.01) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const two = (n) => String(n).padStart(2, "0");
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** Milliseconds since 1970 as a local date and time to the second. */
export function time(ms) {
  if (!ms) return "–";
  const date = new Date(ms);
  const two = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** How long ago, roughly. */
export function ago(ms, now = Date.now()) {
  if (!ms) return "–";
  const seconds = Math.max(0, (now - ms) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function bytes(count) {
  if (count === null || count === undefined) return "–";
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (count < 1000) return `${unit === "B" ? count : count.toFixed(1)} ${unit}`;
    count /= 1000;
  }
  return `${count.toFixed(1)} TB`;
}

/** A share as a percentage. */
export function share(part, whole) {
  return whole ? `${((100 * part) / whole).toFixed(1)} %` : "–";
}

/** Anything as short text. */
export function value(thing) {
  if (thing === null || thing === undefined) return "–";
  if (typeof thing === "number") return number(thing);
  if (typeof thing === "string") return thing;
  return JSON.stringify(thing);
}
