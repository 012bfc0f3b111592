// What happened to the data: operator by operator, statistics before and after, pools by their scores.
import { html } from "/assets/vendor/htm-preact-standalone.js";
import { number, share } from "/assets/format.js";
import { Card, Table } from "/assets/parts.js";
import { Bars } from "/assets/charts/bars.js";
import { Overlay } from "/assets/charts/overlay.js";

const named = (job) => `${job.job.meta_name}${job.job.iteration > 1 ? `, iteration ${job.job.iteration}` : ""}`;

export function Data({ state }) {
  const kind = (name) => state.jobs.filter((job) => job.facts?.kind === name);
  const [processes, analyses, refinements, scores, ranks] = ["process", "analysis", "refinement", "perplexity", "ranking"].map(kind);
  const nothing = [processes, analyses, refinements, scores, ranks].every((jobs) => jobs.length === 0);
  return html`${nothing && html`<p class="soft">No job of this run has told of data yet.</p>`}
    ${processes.map((job) => html`<${Process} job=${job} />`)}
    ${refinements.map((job) => html`<h2>Limits of the recipe, refined by ${named(job)}</h2><${Table} columns=${[
      { key: "operator", title: "Operator", of: (row) => row.operator }, { key: "argument", title: "Argument", of: (row) => row.argument },
      { key: "before", title: "Before", n: true, of: (row) => row.before }, { key: "after", title: "After", n: true, of: (row) => row.after },
      { key: "statistic", title: "From the statistic", of: (row) => row.statistic },
    ]} rows=${job.facts.changes} />`)}
    ${scores.map((job) => html`<${Scores} job=${job} />`)}
    ${analyses.length > 0 && html`<${Analyses} jobs=${analyses} />`}`;
}

function Process({ job }) {
  const { rows_in, rows_out, operators, rejected, without_text } = job.facts.process;
  const rows = operators.map((operator, index) => ({ index: index + 1, ...operator, dropped: operator.rows_in - operator.rows_out }));
  const dropped = rows.flatMap((row) => row.reasons.map(([reason, count]) => ({ label: `${row.name}: ${reason}`, value: count, note: share(count, rows_in) })));
  return html`<h2>Operators of ${named(job)}: ${number(rows_in)} → ${number(rows_out)} rows (${share(rows_out, rows_in)} kept)</h2>
    ${(rejected > 0 || without_text > 0) && html`<p class="soft">${rejected > 0 ? `${number(rejected)} rows could not be read. ` : ""}${without_text > 0 ? `${number(without_text)} rows have no text.` : ""}</p>`}
    <${Table} columns=${[
      { key: "index", title: "#", n: true, of: (row) => row.index }, { key: "name", title: "Operator", of: (row) => row.name },
      { key: "in", title: "In", n: true, of: (row) => row.rows_in }, { key: "out", title: "Kept", n: true, of: (row) => row.rows_out },
      { key: "dropped", title: "Dropped", n: true, of: (row) => row.dropped, show: (row) => html`${number(row.dropped)} <span class="soft small">${row.dropped ? share(row.dropped, row.rows_in) : ""}</span>` },
      { key: "changed", title: "Changed", n: true, of: (row) => row.changed },
      { key: "why", title: "Why", wide: true, of: (row) => row.reasons.map(([reason, count]) => `${reason} (${number(count)})`).join(", ") || "–" },
    ]} rows=${rows} limit=${500} />
    ${dropped.length > 0 && html`<div class="cards"><${Card} title="Rows dropped, by reason" table=${() => ({ columns: [{ key: "l", title: "Reason", of: (row) => row.label, wide: true }, { key: "v", title: "Rows", n: true, of: (row) => row.value }], rows: dropped })}>
      <${Bars} rows=${[...dropped].sort((a, b) => b.value - a.value).slice(0, 20)} /><//></div>`}
    ${rows.some((row) => row.examples?.length) && html`<h3>Examples</h3>${rows.filter((row) => row.examples?.length).map((row) => html`<details><summary>${row.name}: ${row.examples.length} examples</summary><pre>${row.examples.map((example) => JSON.stringify(example)).join("\n")}</pre></details>`)}`}`;
}

function Scores({ job }) {
  const rows = job.facts.results ?? [];
  const best = rows.reduce((least, row) => Math.min(least, row.bits_per_byte), Infinity);
  const interval = (interval, digits = 4) => (interval ? `${interval.low.toFixed(digits)} to ${interval.high.toFixed(digits)}` : "–");
  return html`<h2>Leaderboard of ${named(job)}</h2><p class="soft small">Bits per byte: less is better. The intervals hold the true value 95 times in 100.</p>
    <${Table} columns=${[
      { key: "model", title: "Model", of: (row) => row.model }, { key: "target", title: "On", of: (row) => row.target },
      { key: "bits", title: "Bits per byte", n: true, of: (row) => row.bits_per_byte }, { key: "interval", title: "Interval", of: (row) => interval(row.interval) },
      { key: "difference", title: "Against the first", n: true, of: (row) => row.difference?.difference }, { key: "di", title: "Interval", of: (row) => interval(row.difference?.interval) },
    ]} rows=${rows} best=${(row, column) => column.key === "bits" && row.bits_per_byte === best} sort=${{ key: "bits", down: false }} />
    <div class="cards"><${Card} title="Bits per byte">
      <${Bars} rows=${rows.map((row) => ({ label: row.model, value: row.bits_per_byte, low: row.interval?.low, high: row.interval?.high }))} /><//></div>`;
}

const STATISTICS = ["count", "mean", "std", "min", "25%", "50%", "75%", "max"];

function Analyses({ jobs }) {
  const names = [...new Set(jobs.flatMap((job) => Object.keys(job.facts.overall ?? {})))];
  const [before, after] = [jobs[0], jobs[jobs.length - 1]];
  const rows = names.flatMap((name) => jobs.map((job) => ({ name, job: named(job), ...(job.facts.overall?.[name] ?? {}) })));
  const both = before !== after;
  return html`<h2>Statistics${both ? `: ${named(before)} and ${named(after)}` : ` of ${named(before)}`}</h2>
    <${Table} columns=${[{ key: "name", title: "Statistic", of: (row) => row.name }, ...(both ? [{ key: "job", title: "Data", of: (row) => row.job }] : []), ...STATISTICS.map((key) => ({ key, title: key, n: true, of: (row) => row[key] }))]} rows=${rows} limit=${400} />
    <div class="cards">${names.map((name) => {
      const of = (job) => job.facts.histograms?.[name];
      const parts = [before, ...(both ? [after] : [])].filter((job) => of(job));
      if (parts.length) {
        const series = parts.map((job) => ({ label: named(job), ...of(job) }));
        const table = () => ({
          columns: [{ key: "d", title: "Data", of: (row) => row.label }, { key: "f", title: "From", n: true, of: (row) => row.from }, { key: "t", title: "To", n: true, of: (row) => row.to }, { key: "c", title: "Rows", n: true, of: (row) => row.count }],
          rows: series.flatMap((one) => one.counts.map((count, i) => ({ label: one.label, from: one.edges[i], to: one.edges[i + 1], count }))),
        });
        return html`<${Card} title=${name} table=${table}><${Overlay} series=${series} xLabel=${name} /><//>`;
      }
      return html`<${Card} title=${name} note="Least, quarter, middle, three quarters, most; the mark is the mean"><${Boxes} rows=${jobs.map((job) => ({ label: named(job), ...job.facts.overall?.[name] })).filter((row) => row.count)} /><//>`;
    })}</div>`;
}

/** Box plots from five numbers each, on one axis. */
function Boxes({ rows }) {
  const numbers = rows.flatMap((row) => [row.min, row.max]).filter(Number.isFinite);
  if (numbers.length === 0) return html`<p class="soft">Not a number.</p>`;
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const [left, wide, line] = [140, 560, 34];
  const x = (value) => left + ((wide - left - 20) * (value - least)) / (most - least || 1);
  const say = rows.map((row) => `${row.label}: middle ${number(row["50%"])}, from ${number(row.min)} to ${number(row.max)}`).join("; ");
  return html`<svg viewBox="0 0 ${wide} ${line * rows.length + 20}" role="img" aria-label=${say}>
    ${rows.map((row, index) => {
      const y = index * line + 4;
      return html`<g><title>${row.label}: ${STATISTICS.map((key) => `${key} ${number(row[key])}`).join(", ")}</title>
        <text x=${left - 8} y=${y + 16} text-anchor="end">${row.label.length > 19 ? `${row.label.slice(0, 18)}…` : row.label}</text>
        <path d="M${x(row.min)} ${y + 11}H${x(row["25%"])}M${x(row["75%"])} ${y + 11}H${x(row.max)}M${x(row.min)} ${y + 5}v12M${x(row.max)} ${y + 5}v12" stroke="var(--ink)" />
        <rect x=${x(row["25%"])} y=${y} width=${Math.max(1, x(row["75%"]) - x(row["25%"]))} height="22" fill=${`var(--s${index % 8})`} opacity="0.45" stroke="var(--ink)" />
        <path d="M${x(row["50%"])} ${y}v22" stroke="var(--ink)" stroke-width="2" />
        <circle cx=${x(row.mean)} cy=${y + 11} r="3.4" fill="var(--ground)" stroke="var(--ink)" /></g>`;
    })}
    ${[0, 0.5, 1].map((part) => html`<text class="soft" x=${x(least + part * (most - least))} y=${line * rows.length + 14} text-anchor=${["start", "middle", "end"][part * 2]}>${number(least + part * (most - least))}</text>`)}
  </svg>`;
}
