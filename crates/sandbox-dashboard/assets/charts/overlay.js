// Two distributions of the same statistic on the same bins: before and after.
import { html } from "/assets/vendor/htm-preact-standalone.js";
import { number } from "/assets/format.js";

/** `edges` has one more entry than each of `series[i].counts`. */
export function Overlay({ edges, series, xLabel }) {
  const [wide, high, left, bottom] = [560, 220, 56, 34];
  const most = Math.max(1e-300, ...series.flatMap((one) => one.counts));
  const [first, last] = [edges[0], edges[edges.length - 1]];
  const x = (value) => left + ((wide - left - 10) * (value - first)) / (last - first || 1);
  const y = (count) => 8 + (high - 8 - bottom) * (1 - count / most);
  const say = series.map((one) => `${one.label}: ${number(one.counts.reduce((a, b) => a + b, 0))} values, most in ${number(edges[one.counts.indexOf(Math.max(...one.counts))])} and up`).join("; ");
  const steps = (counts) => `M${x(first)} ${y(0)}${counts.map((count, i) => `V${y(count)}H${x(edges[i + 1])}`).join("")}V${y(0)}Z`;
  return html`<svg viewBox="0 0 ${wide} ${high}" role="img" aria-label=${say}>
    ${[0, 0.5, 1].map((part) => html`<g><path d="M${left} ${y(part * most)}H${wide - 10}" stroke="var(--line)" /><text class="soft" x=${left - 6} y=${y(part * most) + 4} text-anchor="end">${number(part * most)}</text></g>`)}
    ${series.map((one, i) => html`<path d=${steps(one.counts)} fill=${`var(--s${i})`} fill-opacity="0.28" stroke=${`var(--s${i})`} stroke-width="1.4" stroke-dasharray=${i ? "5 3" : ""} />`)}
    ${[0, 0.5, 1].map((part) => html`<text class="soft" x=${x(first + part * (last - first))} y=${high - 16} text-anchor=${["start", "middle", "end"][part * 2]}>${number(first + part * (last - first))}</text>`)}
    <text class="soft" x=${(wide + left) / 2} y=${high - 2} text-anchor="middle">${xLabel}</text>
  </svg>
  <div class="legend">${series.map((one, i) => html`<span><i class=${`c${i}`}></i>${one.label}</span>`)}</div>`;
}
