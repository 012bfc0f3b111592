// One run: how it stands, its curves, its data, what it was asked for.
import { html, useEffect, useRef, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { duration, number, time } from "/assets/format.js";
import { blank, outline, take } from "/assets/fold.js";
import { listen } from "/assets/live.js";
import { Card, Loaded, Status, Table, Tabs, flat, useData } from "/assets/parts.js";
import { Graph, Timeline } from "/assets/charts/graph.js";
import { Curves } from "/assets/pages/curves.js";
import { Data } from "/assets/pages/data.js";
import { Lineage } from "/assets/pages/lineage.js";
import { Log } from "/assets/pages/log.js";
import { Sweep } from "/assets/pages/sweep.js";

/** The run with its events, kept up to date by the news. */
function useRun(project, id) {
  const found = useData(() => get(runPath(project, id)), [project, id]);
  const state = useRef(blank());
  const [version, setVersion] = useState(0);
  // What is measured and how far jobs are, looked at again while it changes.
  const [now, setNow] = useState(null);
  useEffect(() => {
    if (!found.data) return undefined;
    setNow(null);
    let [waiting, over] = [null, false];
    const look = () => {
      waiting ??= setTimeout(async () => {
        const next = await get(`${runPath(project, id)}/state`).catch(() => null);
        waiting = null;
        if (next && !over) setNow(next);
      }, 400);
    };
    state.current = blank();
    for (const event of found.data.events) take(state.current, event);
    setVersion((n) => n + 1);
    const stop = listen(project, (news) => {
      if (news.kind === "lagged") return found.again();
      if (news.kind !== "news") return undefined;
      const own = news.news.filter((event) => event.run === id);
      for (const event of own) take(state.current, event);
      if (own.some((event) => event.event === "run_finished" || event.event === "run_started")) found.again();
      else if (own.length) { setVersion((n) => n + 1); look(); }
      return undefined;
    });
    return () => { over = true; clearTimeout(waiting); stop(); };
  }, [found.data]);
  return { found, state: state.current, version, now };
}

const TABS = [["overview", "Overview"], ["curves", "Curves"], ["data", "Data"], ["sweep", "Sweep"], ["config", "Configuration"], ["log", "Log"]];

export function Run({ project, id, tab, query, setQuery }) {
  const { found, state, version, now } = useRun(project, id);
  if (found.error) return html`<h1>Nothing here</h1><${Loaded} of=${found} />`;
  return html`<${Loaded} of=${found}>${({ config, ...first }) => html`<${Found} ...${{ project, id, tab: TABS.some(([key]) => key === tab) ? tab : "overview", query, setQuery, config, state, version, ...(now ?? first) }} />`}<//>`;
}

function Found({ project, id, tab, query, setQuery, run, trials, progress, config, state, version }) {
  const tabs = TABS.filter(([key]) => key !== "sweep" || trials > 0 || tab === "sweep");
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
      ${tab === "overview" && html`<${Overview} ...${{ project, id, state, run, status, progress }} />`}
      ${tab === "curves" && html`<${Curves} runs=${[{ project, id, label: run.name }]} known=${run.summary} live=${project} query=${query} setQuery=${setQuery} />`}
      ${tab === "data" && html`<${Data} project=${project} id=${id} state=${state} />`}
      ${tab === "sweep" && html`<${Sweep} project=${project} run=${run} query=${query} setQuery=${setQuery} />`}
      ${tab === "config" && html`<${Config} config=${config} />`}
      ${tab === "log" && html`<${Log} ...${{ project, id, state, isLive: status === "running", query, setQuery }} />`}
    </div>`;
}

function bar({ done, total, unit }) {
  return total ? html`<div class="progress" role="progressbar" aria-valuenow=${done} aria-valuemax=${total} aria-label=${unit}><i style=${{ width: `${(100 * done) / total}%` }}></i></div> <span class="small soft">${number(done)} of ${number(total)} ${unit}</span>` : html`<span class="small soft">${number(done)} ${unit}</span>`;
}

function Overview({ project, id, state, run, status, progress }) {
  const [picked, pick] = useState(null);
  const { nodes, columns } = outline(state, status);
  const note = (node) => (node.job?.facts?.kind === "process" ? `${number(node.job.facts.process.rows_in)} → ${number(node.job.facts.process.rows_out)} rows` : node.job?.status === "skipped" ? "taken over" : node.job?.status === "running" ? "running" : node.job?.seconds !== undefined ? duration(node.job.seconds) : node.job ? node.status : (node.line.type_name ?? node.line.hook));
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
    ${status === "running" && progress.map((one) => html`<div class="bar"><strong>${one.job}</strong> ${bar(one.progress)}</div>`)}
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
    <${Lineage} project=${project} id=${id} version=${status} />
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
