// What happened to the data: operator by operator, statistics before and after, pools by their scores.
import { html, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { bytes, many, number, share } from "/assets/format.js";
import { Card, Loaded, Table, useData, useWidth } from "/assets/parts.js";
import { Bars, Intervals } from "/assets/charts/bars.js";
import { Overlay } from "/assets/charts/overlay.js";

const named = (job) => `${job.job.meta_name}${job.job.iteration > 1 ? `, iteration ${job.job.iteration}` : ""}`;

export function Data({ project, id, state }) {
  const kind = (name) => state.jobs.filter((job) => job.facts?.kind === name);
  const [processes, analyses, refinements, scores, ranks] = ["process", "analysis", "refinement", "perplexity", "ranking"].map(kind);
  const made = kind("pools");
  const files = useData(() => get(`${runPath(project, id)}/files`), [project, id, processes.length]);
  const nothing = [processes, analyses, refinements, scores, ranks, made].every((jobs) => jobs.length === 0);
  return html`${nothing && html`<p class="soft">No job of this run has told of data yet.</p>`}
    ${processes.map((job) => html`<${Process} job=${job} />`)}
    ${files.data && html`<${Samples} project=${project} id=${id} files=${files.data.files.filter((file) => file.kind !== "log")} />`}
    ${refinements.map((job) => html`<h2>Limits of the recipe after ${named(job)}</h2><${Table} columns=${[
      { key: "operator", title: "Operator", of: (row) => row.operator }, { key: "argument", title: "Argument", of: (row) => row.argument },
      { key: "before", title: "Before", n: true, of: (row) => row.before }, { key: "after", title: "After", n: true, of: (row) => row.after },
      { key: "statistic", title: "From the statistic", of: (row) => row.statistic },
    ]} rows=${job.facts.changes} />`)}
    ${made.length > 0 && html`<${Pools} project=${project} id=${id} scores=${scores} turn=${made.length + scores.length} />`}
    ${scores.map((job) => html`<${Scores} job=${job} />`)}
    ${analyses.length > 0 && html`<${Analyses} jobs=${analyses} />`}`;
}

function Process({ job }) {
  const { rows_in, rows_out, operators, rejected, without_text } = job.facts.process;
  const rows = operators.map((operator, index) => ({ index: index + 1, ...operator, dropped: operator.rows_in - operator.rows_out }));
  const dropped = rows.flatMap((row) => row.reasons.map(([reason, count]) => ({ label: `${row.name}: ${reason}`, value: count, note: share(count, rows_in) })));
  return html`<h2>Operators of ${named(job)}: ${number(rows_in)} → ${number(rows_out)} rows (${share(rows_out, rows_in)} kept)</h2>
    ${(rejected > 0 || without_text > 0) && html`<p class="soft">${rejected > 0 ? `${many(rejected, "row")} could not be used. ` : ""}${without_text > 0 ? `${many(without_text, "row")} without text.` : ""}</p>`}
    <${Table} columns=${[
      { key: "index", title: "#", n: true, of: (row) => row.index }, { key: "name", title: "Operator", of: (row) => row.name },
      { key: "in", title: "In", n: true, of: (row) => row.rows_in }, { key: "out", title: "Kept", n: true, of: (row) => row.rows_out },
      { key: "dropped", title: "Dropped", n: true, of: (row) => row.dropped, show: (row) => html`${number(row.dropped)} <span class="soft small">${row.dropped ? share(row.dropped, row.rows_in) : ""}</span>` },
      { key: "changed", title: "Changed", n: true, of: (row) => row.changed },
      { key: "why", title: "Why", wide: true, of: (row) => row.reasons.map(([reason, count]) => `${reason} (${number(count)})`).join(", ") || "–" },
    ]} rows=${rows} limit=${500} />
    ${dropped.length > 0 && html`<div class="cards"><${Card} title="Rows dropped, by reason" table=${() => ({ columns: [{ key: "l", title: "Reason", of: (row) => row.label, wide: true }, { key: "v", title: "Rows", n: true, of: (row) => row.value }], rows: dropped })}>
      <${Bars} rows=${[...dropped].sort((a, b) => b.value - a.value).slice(0, 20)} /><//></div>`}`;
}

/** Rows as examples: what operators changed and dropped (the recipe's `open_tracer`), and what could not be used. */
function Samples({ project, id, files }) {
  if (files.length === 0) return html`<p class="soft small">With <code>open_tracer: true</code> in the recipe, examples of what each operator changed and dropped are shown here.</p>`;
  const what = (file) => (file.kind === "rejected" ? `Rows that ${file.job} could not use` : file.name.replace(/^sample_trace-|\.jsonl$/g, "").replace(/^duplicate-(.*?)(\.jsonl)?$/, "$1: duplicates").replace(/^(.*)$/, "Examples of $1"));
  return html`<h2>Rows</h2>${files.map((file) => html`<${Sample} key=${file.id} ...${{ project, id, file, title: what(file) }} />`)}`;
}

/** One file of examples; it is read when it is opened. */
function Sample({ project, id, file, title }) {
  const [open, setOpen] = useState(false);
  const found = useData(() => (open ? get(`${runPath(project, id)}/files/${encodeURIComponent(file.id)}`, { from: 0 }) : { text: "" }), [file.id, open]);
  return html`<details onToggle=${(event) => setOpen(event.target.open)}><summary>${title} <span class="soft small">${file.problem ?? bytes(file.bytes)}</span></summary>
    ${open && html`<${Loaded} of=${found}>${({ text, problem, next, size }) => (problem ? html`<div class="notice warn">${problem}</div>` : html`<${Rows} text=${text ?? ""} label=${title} />${next < size ? html`<p class="soft small">The first ${bytes(next)} of ${bytes(size)}.</p>` : ""}`)}<//>`}
  </details>`;
}

/** JSON rows as a table of their fields. */
function Rows({ text, label }) {
  const rows = text.split("\n").filter(Boolean).slice(0, 200).map((line) => { try { const row = JSON.parse(line); return row !== null && typeof row === "object" && !Array.isArray(row) ? row : { row }; } catch { return { row: line }; } });
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, 12);
  const short = (thing) => { const words = typeof thing === "string" ? thing : JSON.stringify(thing); return words === undefined ? "–" : words.length > 600 ? `${words.slice(0, 600)}…` : words; };
  return html`<${Table} label=${label} columns=${keys.map((key) => ({ key, title: key, wide: true, of: (row) => short(row[key]) }))} rows=${rows} limit=${10} empty="No rows." />`;
}

/** The pools of data with what was measured of them; the name or the path of a pool is in what was watched, or is a model's or a data set's. */
function Pools({ project, id, scores, turn }) {
  const found = useData(() => get(`${runPath(project, id)}/pools`), [project, id, turn]);
  return html`<${Loaded} of=${found}>${({ pools }) => (pools.length === 0 ? "" : html`<${Ranked} pools=${pools} scores=${scores} />`)}<//>`;
}

function Ranked({ pools, scores }) {
  const file = (path) => path.split("/").pop();
  const stem = (path) => file(path).split(".")[0];
  const results = scores.flatMap((job) => job.facts.results ?? []);
  const rows = pools.map((pool) => {
    const own = [pool.path, file(pool.path), stem(pool.path)];
    const measured = new Map();
    for (const [name, value] of pool.scores) {
      // What was watched once for each pool has the pool's name in it: without, it is the same for all.
      const key = name.split(".").filter((part) => !own.includes(part)).join(".");
      if (!/(^|\.)interval\.(low|high)$/.test(key)) measured.set(key, { value });
    }
    for (const [name, value] of pool.scores) {
      const edge = /^(?:(.*)\.)?interval\.(low|high)$/.exec(name.split(".").filter((part) => !own.includes(part)).join("."));
      for (const [key, one] of measured) if (edge && key.split(".").slice(0, -1).join(".") === (edge[1] ?? "")) one[edge[2]] = value;
    }
    for (const result of results.filter((result) => own.includes(result.model) || own.includes(result.target))) {
      const key = `bits per byte${own.includes(result.model) ? ` on ${result.target}` : ` of ${result.model}`}`;
      measured.set(key, { value: result.bits_per_byte, low: result.interval?.low, high: result.interval?.high });
      // The same number as it was watched, without its interval.
      for (const [other, one] of measured) if (other !== key && one.low === undefined && other.endsWith("bits_per_byte") && one.value === result.bits_per_byte) measured.delete(other);
    }
    return { name: stem(pool.path), path: pool.path, rows: pool.rows, bytes: pool.bytes, how: pool.facts.operation, measured };
  });
  const names = [...new Set(rows.flatMap((row) => [...row.measured.keys()]))];
  const [picked, setPicked] = useState(null);
  const [down, setDown] = useState(null);
  const at = names.includes(picked) ? picked : (names.find((name) => rows.some((row) => row.measured.get(name)?.low !== undefined)) ?? names[0]);
  const less = down ?? /loss|perplexity|bits|error|ppl/i.test(at ?? "");
  const ranked = [...rows].sort((a, b) => (less ? 1 : -1) * ((a.measured.get(at)?.value ?? (less ? Infinity : -Infinity)) - (b.measured.get(at)?.value ?? (less ? Infinity : -Infinity))));
  const interval = (one) => (one?.low === undefined || one.low === null ? "–" : `${number(one.low)} to ${number(one.high)}`);
  return html`<h2>Leaderboard of the data pools</h2>
    ${names.length > 0 && html`<div class="bar"><label>By <select onChange=${(event) => setPicked(event.target.value)}>${names.map((name) => html`<option value=${name} selected=${name === at}>${name}</option>`)}</select></label>
      <label>Better is <select onChange=${(event) => setDown(event.target.value === "less")}><option value="less" selected=${less}>less</option><option value="more" selected=${!less}>more</option></select></label></div>`}
    <${Table} label="Leaderboard of the data pools" columns=${[
      { key: "name", title: "Pool", of: (row) => row.name, show: (row) => html`<span title=${row.path}>${row.name}</span>` }, { key: "rows", title: "Rows", n: true, of: (row) => row.rows },
      { key: "bytes", title: "Size", n: true, of: (row) => row.bytes, show: (row) => bytes(row.bytes) }, { key: "how", title: "Made by", of: (row) => row.how },
      ...names.flatMap((name) => [{ key: name, title: name, n: true, of: (row) => row.measured.get(name)?.value }, ...(rows.some((row) => row.measured.get(name)?.low !== undefined) ? [{ key: `${name} interval`, title: "Interval", of: (row) => interval(row.measured.get(name)) }] : [])]),
    ]} rows=${ranked} best=${(row, column) => column.key === at && row === ranked[0]} />
    ${at && html`<div class="cards"><${Card} title=${at} table=${numbers(ranked.map((row) => ({ label: row.name, ...row.measured.get(at) })))} note="The mark is the value, the line its interval where one is known"><${Intervals} best=${ranked[0].name} rows=${ranked.map((row) => ({ label: row.name, ...row.measured.get(at) }))} /><//></div>`}`;
}

function Scores({ job }) {
  const rows = job.facts.results ?? [];
  const best = rows.reduce((least, row) => Math.min(least, row.bits_per_byte), Infinity);
  const several = new Set(rows.map((row) => row.target)).size > 1;
  const label = (row) => (several ? `${row.model} on ${row.target}` : row.model);
  const interval = (interval, digits = 4) => (interval ? `${interval.low.toFixed(digits)} to ${interval.high.toFixed(digits)}` : "–");
  return html`<h2>Leaderboard of ${named(job)}</h2><p class="soft small">Bits per byte: less is better. The intervals hold the true value 95 times in 100.</p>
    <${Table} columns=${[
      { key: "model", title: "Model", of: (row) => row.model }, { key: "target", title: "On", of: (row) => row.target },
      { key: "bits", title: "Bits per byte", n: true, of: (row) => row.bits_per_byte }, { key: "interval", title: "Interval", of: (row) => interval(row.interval) },
      { key: "difference", title: "Against the first", n: true, of: (row) => row.difference?.difference }, { key: "di", title: "Interval", of: (row) => interval(row.difference?.interval) },
    ]} rows=${rows} best=${(row, column) => column.key === "bits" && row.bits_per_byte === best} sort=${{ key: "bits", down: false }} />
    <div class="cards"><${Card} title="Bits per byte" table=${numbers(rows.map((row) => ({ label: label(row), value: row.bits_per_byte, ...row.interval })))}>
      <${Intervals} best=${label(rows.find((row) => row.bits_per_byte === best) ?? {})} rows=${[...rows].sort((a, b) => a.bits_per_byte - b.bits_per_byte).map((row) => ({ label: label(row), value: row.bits_per_byte, low: row.interval?.low, high: row.interval?.high }))} /><//></div>`;
}

/** Marks with their intervals as a table. */
const numbers = (rows) => () => ({ columns: [{ key: "label", title: "Name", of: (row) => row.label }, ...["value", "low", "high"].map((key) => ({ key, title: key, n: true, of: (row) => row[key] }))], rows });

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
      return html`<${Card} title=${name} table=${() => ({ columns: [{ key: "d", title: "Data", of: (row) => row.label }, ...STATISTICS.map((key) => ({ key, title: key, n: true, of: (row) => row[key] }))], rows: jobs.map((job) => ({ label: named(job), ...job.facts.overall?.[name] })) })} note="Least, quarter, middle, three quarters, most; the mark is the mean"><${Boxes} rows=${jobs.map((job) => ({ label: named(job), ...job.facts.overall?.[name] })).filter((row) => row.count)} /><//>`;
    })}</div>`;
}

/** Box plots from five numbers each, on one axis. */
function Boxes({ rows }) {
  const numbers = rows.flatMap((row) => [row.min, row.max]).filter(Number.isFinite);
  const [box, wide] = useWidth();
  if (numbers.length === 0) return html`<p class="soft" ref=${box}>Not a number.</p>`;
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const [left, line] = [Math.min(150, 16 + 7 * Math.max(...rows.map((row) => row.label.length))), 34];
  const x = (value) => left + ((wide - left - 20) * (value - least)) / (most - least || 1);
  const say = rows.map((row) => `${row.label}: middle ${number(row["50%"])}, from ${number(row.min)} to ${number(row.max)}`).join("; ");
  return html`<div ref=${box}><svg width=${wide} height=${line * rows.length + 20} viewBox="0 0 ${wide} ${line * rows.length + 20}" role="img" aria-label=${say}>
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
  </svg></div>`;
}
