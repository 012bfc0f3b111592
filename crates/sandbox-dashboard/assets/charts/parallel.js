// Parallel coordinates: one line per trial across its parameters to its result. Texts take equal places in their order.
import { html, useState } from "/assets/vendor/htm-preact-standalone.js";
import { number, value as text } from "/assets/format.js";

/** Where a value stands on an axis, from 0 to 1. Numbers above zero that go through two powers of ten and more stand by their size. */
function scale(values) {
  const known = values.filter((value) => value !== undefined && value !== null);
  if (known.every((value) => typeof value === "number")) {
    const finite = known.filter(Number.isFinite);
    const [least, most] = [Math.min(...finite), Math.max(...finite)];
    const by = least > 0 && most / least >= 100 ? Math.log : (value) => value;
    return { ends: [number(least), number(most)], note: by === Math.log ? " (log)" : "", at: (value) => (Number.isFinite(value) ? (most === least ? 0.5 : (by(value) - by(least)) / (by(most) - by(least))) : null) };
  }
  const kinds = [...new Set(known.map(text))].sort();
  return { kinds, ends: [kinds[0], kinds[kinds.length - 1]], note: "", at: (value) => (value === undefined || value === null ? null : kinds.length < 2 ? 0.5 : kinds.indexOf(text(value)) / (kinds.length - 1)) };
}

/** `axes`: names; the last is coloured by. `rows`: `[{id, values: {name: value}}]`, in the order in which the arrow keys go through them. */
export function Parallel({ axes, rows, pick }) {
  const [over, setOver] = useState(null);
  const [high, top, gap] = [250, 30, Math.max(120, Math.min(230, 1150 / Math.max(1, axes.length - 1)))];
  const width = 70 + gap * (axes.length - 1) + 90;
  const scales = axes.map((name) => scale(rows.map((row) => row.values[name])));
  const x = (index) => 60 + index * gap;
  const y = (part) => top + (high - top - 30) * (1 - part);
  const last = axes.length - 1;
  const tell = (row) => `${row.id}: ${axes.map((name) => `${name} ${text(typeof row.values[name] === "number" ? number(row.values[name]) : row.values[name])}`).join(", ")}`;
  const at = rows.findIndex((row) => row.id === over);
  const keys = (event) => {
    if (event.key === "Enter" && at >= 0) { pick?.(over); return; }
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? rows.length - 1 : at - 1, Home: 0, End: rows.length - 1, Escape: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setOver(rows[Math.min(next, rows.length - 1)]?.id ?? null);
  };
  const colour = (row) => {
    const result = scales[last]?.at(row.values[axes[last]]);
    return result === null || result === undefined ? "var(--soft)" : `color-mix(in oklab, var(--s0) ${Math.round(100 * (1 - result))}%, var(--s1))`;
  };
  const path = (row) => `M${axes.map((name, index) => [x(index), scales[index].at(row.values[name])]).filter(([, part]) => part !== null).map(([px, part]) => `${px} ${y(part)}`).join("L")}`;
  const name = (name, note) => `${name.length > 20 ? `…${name.slice(-19)}` : name}${note}`;
  // The one that is looked at lies above the others.
  const drawn = at < 0 ? rows : [...rows.filter((row) => row.id !== over), rows[at]];
  return html`<div class="scroll parallel" tabindex="0" role="listbox" aria-activedescendant=${at < 0 ? undefined : `line-${at}`} aria-label=${`Parallel coordinates of ${rows.length} trials over ${axes.join(", ")}. The arrow keys go from trial to trial, the best first.`} onKeyDown=${keys}>
    <svg viewBox="0 0 ${width} ${high}" width=${width} height=${high} style=${{ maxWidth: "none" }} role="presentation">
    ${drawn.map((row) => html`<path key=${row.id} id=${`line-${rows.indexOf(row)}`} role="option" aria-selected=${over === row.id ? "true" : "false"} aria-label=${tell(row)} d=${path(row)} fill="none" stroke=${colour(row)} stroke-width=${over === row.id ? 3.5 : 1.3} opacity=${over && over !== row.id ? 0.2 : 0.85}
        onMouseEnter=${() => setOver(row.id)} onClick=${() => pick?.(row.id)} />`)}
    ${axes.map((axis, index) => html`<g role="presentation">
      <path d="M${x(index)} ${y(0)}V${y(1)}" stroke="var(--ink)" />
      <text x=${x(index)} y="14" text-anchor="middle">${name(axis, scales[index].note)}</text>
      ${scales[index].kinds && scales[index].kinds.length > 2 && scales[index].kinds.length < 9 ? scales[index].kinds.map((kind, nth) => html`<text class="soft halo" x=${x(index) + 5} y=${y(nth / (scales[index].kinds.length - 1)) + 4}>${kind.length > 14 ? `${kind.slice(0, 13)}…` : kind}</text>`) : html`<text class="soft" x=${x(index)} y=${y(0) + 16} text-anchor="middle">${scales[index].ends[0] ?? ""}</text><text class="soft halo" x=${x(index) + 5} y=${y(1) + 4}>${scales[index].ends[1] ?? ""}</text>`}
    </g>`)}
    </svg>
  </div>
  <div class="readout" aria-live="polite" data-trial>${at < 0 ? "Point at a line, or go through them with the arrow keys." : tell(rows[at])}</div>`;
}
