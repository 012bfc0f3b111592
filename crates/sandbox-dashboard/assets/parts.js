// Pieces that several pages are made of.
import { html, useLayoutEffect, useMemo, useRef, useState } from "/assets/vendor/htm-preact-standalone.js";
import { many, number, value } from "/assets/format.js";

/** What a promise gives: `{data, error, again}`; asked anew when `keys` change or `again` is called. */
export function useData(ask, keys) {
  const [answer, setAnswer] = useState({});
  const turn = useRef(0);
  const run = () => {
    const mine = ++turn.current;
    const keep = (answer) => { if (mine === turn.current) setAnswer(answer); };
    Promise.resolve().then(ask).then((data) => keep({ data }), (error) => keep({ error }));
  };
  // Before the next picture: a chain of questions does not wait for a frame each.
  useLayoutEffect(() => { run(); return () => { turn.current += 1; }; }, keys);
  return { ...answer, again: run };
}

/** Shows what was fetched, or why it could not be. */
export function Loaded({ of, children }) {
  if (of.error) return html`<div class="notice bad" role="alert">${of.error.message}</div>`;
  if (of.data === undefined) return html`<p class="loading">Loading…</p>`;
  return children(of.data);
}

const WORDS = {
  running: "running", done: "done", failed: "failed", crashed: "crashed", interrupted: "stopped",
  targets_not_met: "targets not met", skipped: "taken over", waiting: "waiting", aborted: "aborted",
};

export function Status({ of }) {
  return html`<span class="badge ${of}">${WORDS[of] ?? of}</span>`;
}

/** A button that is pressed or not. */
export function Toggle({ on, set, children }) {
  return html`<button type="button" aria-pressed=${on ? "true" : "false"} onClick=${() => set(!on)}>${children}</button>`;
}

/** One stop for the keyboard; its arrows go from tab to tab. */
export function Tabs({ tabs, at, go }) {
  const keys = (event) => {
    const now = tabs.findIndex(([key]) => key === at);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const [key] = tabs[(next + tabs.length) % tabs.length];
    go(key);
    document.getElementById(`tab-${key}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" onKeyDown=${keys}>
    ${tabs.map(([key, title]) => html`<button type="button" role="tab" id=${`tab-${key}`} tabindex=${key === at ? 0 : -1} aria-selected=${key === at ? "true" : "false"} onClick=${() => go(key)}>${title}</button>`)}
  </div>`;
}

/** How wide the element with this `ref` is, in pixels; never less than `least`. */
export function useWidth(least = 260) {
  const ref = useRef(null);
  const [width, setWidth] = useState(560);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(least, Math.round(ref.current?.clientWidth ?? 0)));
    const watch = new ResizeObserver(measure);
    watch.observe(ref.current);
    measure();
    return () => watch.disconnect();
  }, []);
  return [ref, width];
}

function compare(a, b) {
  const missing = (x) => x === null || x === undefined || Number.isNaN(x);
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
}

/**
 * A table that sorts by its columns. A column: `{key, title, of(row), show?(row), n?, wide?}`.
 * The first click on a number puts the largest first. With `onSort`, `sort` is kept by the caller.
 */
export function Table({ caption, label, columns, rows, sort, onSort, empty = "Nothing yet.", best, limit = 200 }) {
  const [own, setOwn] = useState(sort ?? null);
  const [order, setOrder] = onSort ? [sort, onSort] : [own, setOwn];
  const [all, setAll] = useState(false);
  const sorted = useMemo(() => {
    const column = order && columns.find((column) => column.key === order.key);
    if (!column) return rows;
    const sign = order.down ? -1 : 1;
    return [...rows].sort((a, b) => {
      const [x, y] = [column.of(a), column.of(b)];
      const last = (v) => v === null || v === undefined || Number.isNaN(v);
      return last(x) || last(y) ? compare(x, y) : sign * compare(x, y);
    });
  }, [rows, order, columns]);
  if (rows.length === 0) return html`<p class="soft">${empty}</p>`;
  const shown = all ? sorted : sorted.slice(0, limit);
  const click = (column) => setOrder(order?.key === column.key ? { key: column.key, down: !order.down } : { key: column.key, down: Boolean(column.n) });
  const mark = (column) => (order?.key === column.key ? (order.down ? " ↓" : " ↑") : "");
  const aria = (column) => (order?.key === column.key ? (order.down ? "descending" : "ascending") : undefined);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label ?? caption ?? columns.map((column) => column.title).filter(Boolean).join(", ")}>
    <table>
      ${caption && html`<caption>${caption}</caption>`}
      <thead><tr>${columns.map((column) => html`<th scope="col" class=${column.n ? "n" : ""} aria-sort=${aria(column)}>
        ${column.title === "" ? "" : html`<button type="button" onClick=${() => click(column)}>${column.title}${mark(column)}</button>`}</th>`)}</tr></thead>
      <tbody>${shown.map((row) => html`<tr>${columns.map((column) => html`<td class=${`${column.n ? "n" : ""} ${column.wide ? "wide" : ""} ${best?.(row, column) ? "best" : ""}`} title=${exact(column, row)}>
        ${column.show ? column.show(row) : column.n ? number(column.of(row)) : value(column.of(row))}</td>`)}</tr>`)}</tbody>
    </table></div>
    ${sorted.length > shown.length && html`<button type="button" class="plain" onClick=${() => setAll(true)}>Show all ${many(sorted.length, "row")}</button>`}`;
}

/** The whole of a number that is shown rounded. */
function exact(column, row) {
  const number_ = column.n ? column.of(row) : undefined;
  return typeof number_ === "number" && Number.isFinite(number_) && number(number_).replaceAll(",", "") !== String(number_) ? String(number_) : undefined;
}

/** A chart with its title, and its numbers as a table on request. */
export function Card({ title, note, table, sentence, children }) {
  const [numbers, setNumbers] = useState(false);
  return html`<section class="card" aria-label=${sentence ?? title}>
    <header><h3>${title}</h3>${table && html`<button type="button" class="plain" aria-pressed=${numbers ? "true" : "false"} onClick=${() => setNumbers(!numbers)}>Numbers</button>`}</header>
    ${note && html`<div class="soft small">${note}</div>`}
    ${numbers ? html`<${Table} label=${`Numbers of ${title}`} ...${table()} />` : children}
  </section>`;
}

/** Key paths and texts of a configuration, flat. */
export function flat(thing, prefix = "", into = {}) {
  if (thing !== null && typeof thing === "object" && Object.keys(thing).length > 0) {
    for (const [key, inner] of Object.entries(thing)) flat(inner, prefix ? `${prefix}.${key}` : key, into);
  } else if (prefix) {
    into[prefix] = typeof thing === "string" ? thing : JSON.stringify(thing);
  }
  return into;
}
