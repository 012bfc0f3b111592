// Bars: one per name, along a common axis.
import { html } from "/assets/vendor/htm-preact-standalone.js";
import { number } from "/assets/format.js";

/** `rows`: `[{label, value, low?, high?, note?}]`; `low` and `high` are drawn as an interval. */
export function Bars({ rows, unit = "" }) {
  const finite = rows.filter((row) => Number.isFinite(row.value));
  const ends = finite.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value]);
  const [least, most] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const [left, wide, line] = [190, 560, 24];
  const x = (value) => left + (wide - left - 90) * (most === least ? 0 : (value - least) / (most - least));
  const cut = (text) => (text.length > 26 ? `${text.slice(0, 25)}…` : text);
  const say = finite.map((row) => `${row.label} ${number(row.value)}${unit}`).join(", ");
  return html`<svg viewBox="0 0 ${wide} ${line * finite.length + 6}" role="img" aria-label=${say}>
    ${finite.map((row, index) => {
      const y = index * line + 4;
      const [from, to] = [Math.min(x(0), x(row.value)), Math.max(x(0), x(row.value))];
      return html`<g>
        <title>${row.label}: ${number(row.value)}${unit}</title>
        <text x=${left - 8} y=${y + 13} text-anchor="end">${cut(row.label)}</text>
        <rect x=${from} y=${y} width=${Math.max(1, to - from)} height="16" rx="2" fill="var(--s0)" opacity="0.85" />
        ${row.low !== undefined && row.low !== null && html`<path d="M${x(row.low)} ${y + 8}H${x(row.high)}M${x(row.low)} ${y + 3}v10M${x(row.high)} ${y + 3}v10" stroke="var(--ink)" fill="none" />`}
        <text x=${Math.max(to, row.high === undefined || row.high === null ? to : x(row.high)) + 6} y=${y + 13}>${number(row.value)}${unit}${row.note ? ` ${row.note}` : ""}</text>
      </g>`;
    })}
  </svg>`;
}
