// One run: how it stands, its curves, its data, what it was asked for.
import { html, useEffect, useMemo, useRef, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { duration, number, share, time, value } from "/assets/format.js";
import { blank, outline, take } from "/assets/fold.js";
import { listen } from "/assets/live.js";
import { Card, Loaded, Status, Table, Tabs, flat, useData } from "/assets/parts.js";
import { Graph, Timeline } from "/assets/charts/graph.js";
import { Curves } from "/assets/pages/curves.js";
import { Data } from "/assets/pages/data.js";
import { Sweep } from "/assets/pages/sweep.js";

/** The run with its events, kept up to date by the news. */
function useRun(project, id) {
  const found = useData(() => get(runPath(project, id)), [project, id]);
  const state = useRef(blank());
  const [version, setVersion] = useState(0);
  useEffect(() => {
    if (!found.data) return undefined;
    state.current = blank();
    for (const event of found.data.events) take(state.current, event);
    setVersion((n) => n + 1);
    return listen(project, (news) => {
      if (news.kind === "lagged") return found.again();
      if (news.kind !== "news") return undefined;
      const own = news.news.filter((event) => event.run === id);
      for (const event of own) take(state.current, event);
      if (own.some((event) => event.event === "run_finished" || event.event === "run_started")) found.again();
      else if (own.length) setVersion((n) => n + 1);
      return undefined;
    });
  }, [found.data]);
  return { found, state: state.current, version };
}

export function Run({ project, id, tab, query, setQuery }) {
  const { found, state, version } = useRun(project, id);
  return html`<${Loaded} of=${found}>${({ run, config }) => html`<${Found} ...${{ project, id, tab: tab ?? "overview", query, setQuery, run, config, state, version }} />`}<//>`;
}

function Found({ project, id, tab, query, setQuery, run, config, state, version }) {
  const tabs = [["overview", "Overview"], ["curves", "Curves"], ["data", "Data"], ["sweep", "Sweep"], ["config", "Configuration"], ["log", "Log"]];
  const go = (key) => { location.hash = `#/${encodeURIComponent(project)}/run/${encodeURIComponent(id)}/${key}`; };
  const status = state.status ?? run.status;
  const done = state.jobs.filter((job) => job.status === "done" || job.status === "skipped").length;
  return html`
    <h1>${run.name} <${Status} of=${status} /></h1>
    <div class="facts">
      <div><span>Started</span>${time(run.started)}</div>
      <div><span>Took</span>${duration(run.seconds)}</div>
      ${state.plan.length > 0 && html`<div><span>Jobs</span>${done} of ${Math.max(run.jobs_total, state.plan.length)}</div>`}
      ${state.iteration > 1 && html`<div><span>Iteration</span>${state.iteration}</div>`}
      <div><span>Id</span><code>${run.id}</code></div>
    </div>
    ${status === "crashed" && html`<div class="notice bad">The program that made this run is gone without a word: it was killed, or the machine went down. What it had recorded is here; <code>--resume</code> goes on at the next job.</div>`}
    ${state.jobs.filter((job) => job.status === "failed").map((job) => html`<div class="notice bad" role="alert"><strong>${job.job.meta_name} failed:</strong> ${job.error}${job.hint && html`<br />${job.hint}`}</div>`)}
    <${Tabs} tabs=${tabs} at=${tab} go=${go} />
    <div role="tabpanel" aria-labelledby=${`tab-${tab}`} data-ready=${tab}>
      ${tab === "overview" && html`<${Overview} state=${state} run=${run} status=${status} version=${version} />`}
      ${tab === "curves" && html`<${Curves} runs=${[{ project, id, label: run.name }]} live=${project} query=${query} setQuery=${setQuery} />`}
      ${tab === "data" && html`<${Data} state=${state} version=${version} />`}
      ${tab === "sweep" && html`<${Sweep} project=${project} run=${run} />`}
      ${tab === "config" && html`<${Config} config=${config} />`}
      ${tab === "log" && html`<${Log} state=${state} version=${version} />`}
    </div>`;
}

function progress({ done, total, unit }) {
  return total ? html`<div class="progress" role="progressbar" aria-valuenow=${done} aria-valuemax=${total} aria-label=${unit}><i style=${{ width: `${(100 * done) / total}%` }}></i></div> <span class="small soft">${number(done)} of ${number(total)} ${unit}</span>` : html`<span class="small soft">${number(done)} ${unit}</span>`;
}

function Overview({ state, run, status }) {
  const [picked, pick] = useState(null);
  const { nodes, columns } = outline(state, status);
  const note = (node) => (node.job?.facts?.kind === "process" ? `${number(node.job.facts.process.rows_in)} → ${number(node.job.facts.process.rows_out)} rows` : node.job ? duration(node.job.seconds) : (node.line.type_name ?? node.line.hook));
  const job = nodes.find((node) => node.id === picked)?.job;
  const timeline = state.jobs.filter((job) => job.status !== "skipped").map((job) => ({
    id: job.id, title: `${job.job.meta_name}${state.iteration > 1 ? ` (${job.job.iteration})` : ""}`, status: job.status === "running" ? status : job.status,
    from: (job.from - state.started) / 1000, to: ((job.to ?? (status === "running" ? Date.now() : job.from)) - state.started) / 1000,
  }));
  // What was measured again and again comes before what was told once.
  const summary = Object.entries(run.summary).map(([name, at]) => ({ name, ...at })).sort((a, b) => (b.count > 1) - (a.count > 1) || a.name.localeCompare(b.name, "en", { numeric: true }));
  return html`
    <h2>Pipeline</h2>
    ${nodes.length ? html`<${Graph} jobs=${nodes.map((node) => ({ ...node, note: note(node) }))} columns=${columns} pick=${pick} />` : html`<p class="soft">The plan is not recorded.</p>`}
    ${job && html`<${JobFacts} job=${job} />`}
    ${state.jobs.filter((job) => job.status === "running" && job.progress && status === "running").map((job) => html`<div class="bar"><strong>${job.job.meta_name}</strong> ${progress(job.progress)}</div>`)}
    ${timeline.length > 0 && html`<h2>Timeline</h2><${Timeline} jobs=${timeline} />`}
    ${state.targets && html`<h2>Targets after iteration ${state.targets.iteration}</h2><${Table} columns=${[
      { key: "target", title: "Target", of: (row) => row.target, wide: true },
      { key: "value", title: "Value", n: true, of: (row) => row.value },
      { key: "met", title: "Met", of: (row) => (row.met ? "yes" : "no") },
    ]} rows=${state.targets.targets} />`}
    <h2>Measured</h2>
    <${Table} columns=${[
      { key: "name", title: "Name", of: (row) => row.name },
      { key: "last", title: "Last", n: true, of: (row) => row.last },
      { key: "min", title: "Least", n: true, of: (row) => row.min },
      { key: "max", title: "Most", n: true, of: (row) => row.max },
      { key: "count", title: "Points", n: true, of: (row) => row.count },
    ]} rows=${summary} limit=${20} empty="No numbers yet." />
    ${state.notes.length > 0 && html`<h2>Notes and warnings</h2>${state.notes.slice(-50).map((note) => html`<div class=${`notice ${note.event === "warning" ? "warn" : ""}`}>${note.job ? html`<strong>${note.job.meta_name}:</strong> ` : ""}${note.message}</div>`)}`}
    ${state.written.length > 0 && html`<h2>Written</h2><pre>${state.written.join("\n")}</pre>`}`;
}

function JobFacts({ job }) {
  return html`<${Card} title=${`${job.job.pipeline}.${job.job.meta_name}`} note=${`${job.hook}${job.type ? ` · ${job.type}` : ""}${job.why ? ` · taken over: ${job.why}` : ""}`}>
    <dl class="pairs">${Object.entries(flat(job.outputs)).map(([name, text]) => html`<dt>${name}</dt><dd class="mono">${text}</dd>`)}
      ${[...job.metrics].map(([name, event]) => html`<dt>${name}</dt><dd>${number(event.value)}${event.step !== null && event.step !== undefined ? html` <span class="soft">at step ${number(event.step)}</span>` : ""}</dd>`)}
      ${job.rejected > 0 && html`<dt>rows that could not be used</dt><dd>${number(job.rejected)}</dd>`}</dl>
  <//>`;
}

function Config({ config }) {
  if (!config) return html`<p class="soft">The configuration is not recorded.</p>`;
  return html`<p class="soft small">As it was read. What looks like a secret is not stored.</p>${Object.entries(config).map(([name, text]) => html`<h2>${name}</h2><pre tabindex="0">${typeof text === "string" ? text : JSON.stringify(text, null, 2)}</pre>`)}`;
}

/** One line of the log per event worth a line. */
export function line(event) {
  const who = event.job ? `${event.job.meta_name}: ` : "";
  switch (event.event) {
    case "job_started": return `${who}${event.hook}${event.type_name ? ` (${event.type_name})` : ""} begins`;
    case "job_skipped": return `${who}taken over: ${event.why}`;
    case "job_rerun": return `${who}runs again: ${event.why}`;
    case "job_finished": return `${who}done in ${duration(event.seconds)}`;
    case "job_failed": return `${who}failed: ${event.message}`;
    case "note": case "warning": return `${who}${event.message}`;
    case "bad_row": return `${who}${event.file}:${event.line}: ${event.reason}`;
    case "run_finished": return `the run ends: ${event.status}`;
    case "log_line": return `${who}${event.text}`;
    default: return null;
  }
}

function Log({ state }) {
  const rows = useMemo(() => {
    const jobs = state.jobs.flatMap((job) => [
      { ts: job.from, text: line({ ...job, event: job.status === "skipped" ? "job_skipped" : "job_started", type_name: job.type }) },
      ...(job.to && job.status !== "skipped" ? [{ ts: job.to, text: job.status === "failed" ? line({ event: "job_failed", job: job.job, message: job.error }) : line({ event: "job_finished", job: job.job, seconds: job.seconds }) }] : []),
    ]);
    return [...jobs, ...[...state.notes, ...state.bad].map((event) => ({ ts: event.ts, text: line(event) }))].sort((a, b) => a.ts - b.ts);
  });
  return html`<pre class="log" tabindex="0" aria-label="Log">${rows.map((row) => `${time(row.ts).slice(11)}  ${row.text}\n`).join("")}</pre>
    ${state.bad.length > 0 && html`<h2>Rows that could not be used</h2><${Table} columns=${[
      { key: "file", title: "File", of: (row) => row.file, wide: true },
      { key: "line", title: "Line", n: true, of: (row) => row.line },
      { key: "reason", title: "Why", of: (row) => row.reason, wide: true },
    ]} rows=${state.bad} />`}`;
}
