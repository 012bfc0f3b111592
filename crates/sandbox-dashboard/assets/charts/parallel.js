// Parallel coordinates: one line per trial across its parameters to its result. Texts take equal places in their order.
import { html, useState } from "/assets/vendor/htm-preact-standalone.js";
import { number, value as text } from "/assets/format.js";

/** `axes`: names; the last is coloured by. `rows`: `[{id, values: {name: value}}]`. */
export function Parallel({ axes, rows, pick }) {
  const [over, setOver] = useState(null);
  const [high, top, gap] = [240, 26, Math.max(110, Math.min(190, 860 / Math.max(1, axes.length - 1)))];
  const width = 60 + gap * (axes.length - 1) + 90;
  const scales = axes.map((name) => {
    const values = rows.map((row) => row.values[name]).filter((value) => value !== undefined && value !== null);
    if (values.every((value) => typeof value === "number")) {
      const finite = values.filter(Number.isFinite);
      const [least, most] = [Math.min(...finite), Math.max(...finite)];
      return { ends: [number(least), number(most)], at: (value) => (Number.isFinite(value) ? (most === least ? 0.5 : (value - least) / (most - least)) : null) };
    }
    const kinds = [...new Set(values.map(text))].sort();
    return { ends: [kinds[0], kinds[kinds.length - 1]], at: (value) => (value === undefined ? null : kinds.length < 2 ? 0.5 : kinds.indexOf(text(value)) / (kinds.length - 1)) };
  });
  const x = (index) => 50 + index * gap;
  const y = (part) => top + (high - top - 30) * (1 - part);
  const last = axes.length - 1;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${`Parallel coordinates of ${rows.length} trials over ${axes.join(", ")}`}><svg viewBox="0 0 ${width} ${high}" width=${width} height=${high} style=${{ maxWidth: "none" }}>
    ${rows.map((row) => {
      const points = axes.map((name, index) => [x(index), scales[index].at(row.values[name])]).filter(([, part]) => part !== null);
      const result = scales[last]?.at(row.values[axes[last]]);
      const colour = result === null || result === undefined ? "var(--soft)" : `color-mix(in oklab, var(--s0) ${Math.round(100 * (1 - result))}%, var(--s1))`;
      return html`<path d=${`M${points.map(([px, part]) => `${px} ${y(part)}`).join("L")}`} fill="none" stroke=${colour} stroke-width=${over === row.id ? 3 : 1.3} opacity=${over && over !== row.id ? 0.25 : 0.85}
        onMouseEnter=${() => setOver(row.id)} onMouseLeave=${() => setOver(null)} onClick=${() => pick?.(row.id)}><title>${row.id}: ${axes.map((name) => `${name} ${text(row.values[name])}`).join(", ")}</title></path>`;
    })}
    ${axes.map((name, index) => html`<g>
      <path d="M${x(index)} ${y(0)}V${y(1)}" stroke="var(--ink)" />
      <text x=${x(index)} y="12" text-anchor="middle">${name.length > 20 ? `…${name.slice(-19)}` : name}</text>
      <text class="soft" x=${x(index)} y=${y(0) + 15} text-anchor="middle">${scales[index].ends[0] ?? ""}</text>
      <text class="soft" x=${x(index) + 5} y=${y(1) + 4}>${scales[index].ends[1] ?? ""}</text>
    </g>`)}
  </svg></div>`;
}
