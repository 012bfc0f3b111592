// Curves over steps, time or another series. uPlot draws; what it draws is also said in words and as a table.
import { html, useLayoutEffect, useRef, useState } from "/assets/vendor/htm-preact-standalone.js";
import { number, tick as short } from "/assets/format.js";

const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Exponential smoothing that does not start at 0 and steps over gaps; `weight` in [0, 1). */
export function smooth(values, weight) {
  if (!weight) return values;
  let [mean, norm] = [0, 0];
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return value;
    mean = weight * mean + (1 - weight) * value;
    norm = weight * norm + (1 - weight);
    return mean / norm;
  });
}

/** Columns of several series on one axis: uPlot wants one list of x for all. */
function join(series) {
  const xs = [...new Set(series.flatMap((one) => one.x))].sort((a, b) => a - b);
  if (series.length === 1) return { xs, columns: series.map((one) => one.columns) };
  const at = new Map(xs.map((x, index) => [x, index]));
  const spread = (x, column) => {
    const wide = new Array(xs.length).fill(undefined);
    x.forEach((x, index) => { wide[at.get(x)] = column[index]; });
    return wide;
  };
  return { xs, columns: series.map((one) => one.columns.map((column) => spread(one.x, column))) };
}

/**
 * `series`: `[{label, x: [..], y: [..], low?: [..], high?: [..]}]`, ascending in x. Options: `log`, `weight` of smoothing,
 * `time` (x are seconds since 1970), `xLabel`, `height`.
 */
export function Lines({ series, log = false, weight = 0, time = false, xLabel = "step", height = 230 }) {
  const box = useRef(null);
  const [at, setAt] = useState(null);
  const drawn = useRef(null);
  useLayoutEffect(() => {
    const draw = () => {
      const usable = (value) => (value === null || value === undefined || !Number.isFinite(value) || (log && value <= 0) ? null : value);
      const parts = series.slice(0, 50).map((one) => ({
        x: one.x,
        columns: [smooth(one.y, weight).map(usable), ...(one.low && !weight ? [one.low.map(usable), one.high.map(usable)] : [])],
      }));
      const { xs, columns } = join(parts);
      const [data, lines, bands] = [[xs], [{ label: xLabel }], []];
      columns.forEach((own, index) => {
        const colour = variable(`--s${index % 8}`);
        data.push(own[0]);
        lines.push({ label: series[index].label, stroke: colour, width: 1.8, dash: DASHES[Math.floor(index / 8) % 4], spanGaps: true, points: { show: xs.length < 60, size: 4 } });
        if (own.length > 1) {
          for (const edge of [2, 1]) {
            data.push(own[edge]);
            lines.push({ stroke: `${colour}77`, width: 1, points: { show: false }, spanGaps: true });
          }
          bands.push({ series: [data.length - 2, data.length - 1], fill: `${colour}33` });
        }
      });
      const axis = { stroke: variable("--soft"), grid: { stroke: variable("--line"), width: 1 }, ticks: { stroke: variable("--line") } };
      const values = (_, ticks) => ticks.map((tick) => (tick === null ? "" : short(tick)));
      const widest = (_, labels) => Math.max(40, ...(labels ?? []).map((label) => 7.5 * String(label).length + 14));
      const options = {
        width: box.current.clientWidth || 400, height, bands, series: lines, legend: { show: false },
        cursor: { points: { size: 7 }, drag: { x: true, y: false } },
        scales: { x: { time }, y: { distr: log ? 3 : 1 } },
        axes: [{ ...axis, ...(time ? {} : { values }), size: 38 }, { ...axis, values, size: widest }],
        hooks: { setCursor: [(plot) => setAt(plot.cursor.idx ?? null)] },
      };
      drawn.current?.destroy();
      drawn.current = new window.uPlot(options, data, box.current);
      drawn.current.xs = xs;
      drawn.current.main = columns.map((own) => own[0]);
      box.current.dataset.points = String(xs.length);
    };
    draw();
    const watch = new ResizeObserver(() => {
      if (drawn.current && Math.abs(drawn.current.width - box.current.clientWidth) > 2) drawn.current.setSize({ width: box.current.clientWidth, height });
    });
    watch.observe(box.current);
    document.addEventListener("theme", draw);
    return () => { watch.disconnect(); document.removeEventListener("theme", draw); drawn.current?.destroy(); drawn.current = null; };
  }, [series, log, weight, time, height]);
  const keys = (event) => {
    const plot = drawn.current;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity }[event.key];
    if (!plot || !step) return;
    event.preventDefault();
    const index = Math.min(plot.xs.length - 1, Math.max(0, (plot.cursor.idx ?? (step > 0 ? -1 : plot.xs.length)) + step));
    plot.setCursor({ left: plot.valToPos(plot.xs[index], "x"), top: 10 });
    setAt(index);
  };
  const plot = drawn.current;
  const x = at === null || !plot ? null : plot.xs[at];
  const readout = x === null || x === undefined ? " " : `${xLabel} ${time ? new Date(x * 1000).toLocaleTimeString("en-GB") : number(x)}: ${series.slice(0, 8).map((one, index) => `${series.length > 1 ? `${one.label} ` : ""}${number(plot.main[index]?.[at] ?? null)}`).join(" · ")}`;
  return html`<div class="chart" ref=${box} tabindex="0" role="img" aria-label=${series.map(sentence).join("; ")} onKeyDown=${keys}></div>
    <div class="readout" aria-live="polite">${readout}</div>
    ${series.length > 1 && html`<div class="legend">${series.slice(0, 50).map((one, index) => html`<span><i class=${`c${index % 8}`}></i>${one.label}</span>`)}</div>`}
    ${series.length > 50 && html`<p class="soft small">50 of ${series.length} series are drawn.</p>`}`;
}

/** A series in words. */
export function sentence({ label, x, y }) {
  const finite = y.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return `${label}: no numbers`;
  const least = finite.reduce((a, b) => Math.min(a, b));
  return `${label}: ${y.length} points, last ${number(y[y.length - 1])}, least ${number(least)} at ${number(x[y.indexOf(least)])}`;
}
