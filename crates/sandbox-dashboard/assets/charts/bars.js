// Bars: one per name, along a common axis; and marks with intervals, where zero is far away.
import { html } from "/assets/vendor/htm-preact-standalone.js";
import { number } from "/assets/format.js";
import { useWidth } from "/assets/parts.js";

/** Room for the longest name, at most `most` pixels, and the names cut to fit. */
function names(rows, most) {
  const left = Math.min(most, 14 + 7.7 * Math.max(4, ...rows.map((row) => row.label.length)));
  const fit = Math.floor((left - 14) / 6.8);
  return [left, (text) => (text.length > fit ? `${text.slice(0, fit - 1)}…` : text)];
}

/** `rows`: `[{label, value, note?}]`. */
export function Bars({ rows, unit = "" }) {
  const [box, wide] = useWidth();
  const finite = rows.filter((row) => Number.isFinite(row.value));
  const ends = finite.map((row) => row.value);
  const [least, most] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const [left, cut] = names(finite, wide * 0.48);
  const line = 24;
  const right = 16 + 7 * Math.max(4, ...finite.map((row) => `${number(row.value)}${unit} ${row.note ?? ""}`.length));
  const x = (value) => left + Math.max(20, wide - left - right) * (most === least ? 0 : (value - least) / (most - least));
  const say = finite.map((row) => `${row.label} ${number(row.value)}${unit}`).join(", ");
  return html`<div ref=${box}><svg width=${wide} height=${line * finite.length + 6} viewBox="0 0 ${wide} ${line * finite.length + 6}" role="img" aria-label=${say}>
    ${finite.map((row, index) => {
      const y = index * line + 4;
      const [from, to] = [Math.min(x(0), x(row.value)), Math.max(x(0), x(row.value))];
      return html`<g>
        <title>${row.label}: ${number(row.value)}${unit}</title>
        <text x=${left - 8} y=${y + 13} text-anchor="end">${cut(row.label)}</text>
        <rect x=${from} y=${y} width=${Math.max(1, to - from)} height="16" rx="2" fill="var(--s0)" opacity="0.85" />
        <text x=${to + 6} y=${y + 13}>${number(row.value)}${unit}${row.note ? html`<tspan class="soft" dx="6">${row.note}</tspan>` : ""}</text>
      </g>`;
    })}
  </svg></div>`;
}

/** `rows`: `[{label, value, low?, high?}]`: a mark each, with its interval, on an axis that holds them all and need not begin at 0. */
export function Intervals({ rows, best }) {
  const [box, wide] = useWidth();
  const finite = rows.filter((row) => Number.isFinite(row.value));
  if (finite.length === 0) return html`<p class="soft">No numbers.</p>`;
  const ends = finite.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const [left, cut] = names(finite, wide * 0.42);
  const [line, right] = [26, 70];
  const x = (value) => left + 8 + (wide - left - right - 8) * (most === least ? 0.5 : (value - least) / (most - least));
  const high = line * finite.length + 24;
  const say = finite.map((row) => `${row.label} ${number(row.value)}${Number.isFinite(row.low) ? `, from ${number(row.low)} to ${number(row.high)}` : ""}`).join("; ");
  return html`<div ref=${box}><svg width=${wide} height=${high} viewBox="0 0 ${wide} ${high}" role="img" aria-label=${say}>
    ${[0, 0.5, 1].map((part) => { const at = least + part * (most - least); return (most > least || part === 0.5) && html`<path d="M${x(at)} 0V${line * finite.length}" stroke="var(--line)" /><text class="soft" x=${x(at)} y=${high - 6} text-anchor="middle">${number(Number(at.toPrecision(5)))}</text>`; })}
    ${finite.map((row, index) => {
      const y = index * line + 13;
      const colour = row.label === best ? "var(--good)" : "var(--s0)";
      return html`<g><title>${row.label}: ${number(row.value)}</title>
        <text x=${left - 8} y=${y + 4} text-anchor="end" font-weight=${row.label === best ? 700 : 400}>${cut(row.label)}</text>
        ${Number.isFinite(row.low) && html`<path d="M${x(row.low)} ${y}H${x(row.high)}M${x(row.low)} ${y - 5}v10M${x(row.high)} ${y - 5}v10" stroke=${colour} stroke-width="1.6" fill="none" />`}
        <circle cx=${x(row.value)} cy=${y} r="4.5" fill=${colour} />
        <text x=${wide - right + 14} y=${y + 4}>${number(row.value)}</text></g>`;
    })}
  </svg></div>`;
}
