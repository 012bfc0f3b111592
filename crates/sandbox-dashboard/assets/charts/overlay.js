// Distributions of the same statistic, each in its own bins: before and after. Areas are equal, whatever the number of rows.
import { html } from "/assets/vendor/htm-preact-standalone.js";
import { number } from "/assets/format.js";
import { useWidth } from "/assets/parts.js";

/** `series`: `[{label, edges, counts}]`; edges have one more entry than counts. */
export function Overlay({ series, xLabel }) {
  const [box, wide] = useWidth();
  const [high, left, bottom] = [220, 14, 40];
  const shown = series.map((one) => {
    const total = one.counts.reduce((a, b) => a + b, 0) || 1;
    return { ...one, total, heights: one.counts.map((count, i) => count / total / (one.edges[i + 1] - one.edges[i] || 1)) };
  });
  const most = Math.max(1e-300, ...shown.flatMap((one) => one.heights));
  const [first, last] = [Math.min(...shown.map((one) => one.edges[0])), Math.max(...shown.map((one) => one.edges[one.edges.length - 1]))];
  const x = (value) => left + ((wide - left - 10) * (value - first)) / (last - first || 1);
  const y = (height) => 8 + (high - 8 - bottom) * (1 - height / most);
  const top = (one) => one.edges[one.heights.indexOf(Math.max(...one.heights))];
  const say = shown.map((one) => `${one.label}: ${number(one.total)} values, densest from ${number(top(one))} on`).join("; ");
  const steps = (one) => `M${x(one.edges[0])} ${y(0)}${one.heights.map((height, i) => `V${y(height)}H${x(one.edges[i + 1])}`).join("")}V${y(0)}Z`;
  return html`<div ref=${box}><svg width=${wide} height=${high} viewBox="0 0 ${wide} ${high}" role="img" aria-label=${say}>
    <path d="M${left} ${y(0)}H${wide - 10}" stroke="var(--line)" />
    ${shown.map((one, i) => html`<path d=${steps(one)} fill=${`var(--s${i})`} fill-opacity="0.28" stroke=${`var(--s${i})`} stroke-width="1.4" stroke-dasharray=${i ? "5 3" : ""} />`)}
    ${[0, 0.5, 1].map((part) => html`<text class="soft" x=${x(first + part * (last - first))} y=${high - 24} text-anchor=${["start", "middle", "end"][part * 2]}>${number(first + part * (last - first))}</text>`)}
    <text class="soft" x=${(wide + left) / 2} y=${high - 2} text-anchor="middle">${xLabel}</text>
  </svg></div>
  <div class="legend">${shown.map((one, i) => html`<span><i class=${`c${i}`}></i>${one.label}: ${number(one.total)} values</span>`)}</div>`;
}
