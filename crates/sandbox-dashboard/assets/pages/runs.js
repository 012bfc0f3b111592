// All runs of a project: what they are, how they stand, what they reached.
import { html, useEffect, useMemo, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get } from "/assets/api.js";
import { ago, duration, number, time } from "/assets/format.js";
import { listen } from "/assets/live.js";
import { Loaded, Status, Table, useData } from "/assets/parts.js";

/** Whether `run` has every word of `text` in its name, status, tags or id; `loss<0.5` compares a last value. */
function matches(run, text) {
  return text.trim().split(/\s+/).filter(Boolean).every((word) => {
    const rule = /^([^<>=]+)(<=|>=|<|>|=)(-?[\d.eE+-]+)$/.exec(word);
    if (rule) {
      const value = run.summary[rule[1]]?.last;
      const wanted = Number(rule[3]);
      if (value === undefined || value === null) return false;
      return { "<": value < wanted, ">": value > wanted, "<=": value <= wanted, ">=": value >= wanted, "=": value === wanted }[rule[2]];
    }
    return [run.name, run.status, run.id, ...(run.tags ?? [])].some((part) => String(part).toLowerCase().includes(word.toLowerCase()));
  });
}

export function Runs({ project, query, setQuery }) {
  const runs = useData(() => get(`projects/${encodeURIComponent(project)}/runs`), [project]);
  const [picked, setPicked] = useState(new Set());
  useEffect(() => {
    let waiting = null;
    // Many pieces of news make one new look.
    const stop = listen(project, (news) => {
      if (news.kind === "state" || waiting) return;
      waiting = setTimeout(() => { waiting = null; runs.again(); }, 700);
    });
    return () => { clearTimeout(waiting); stop(); };
  }, [project]);
  return html`<h1>Runs</h1><${Loaded} of=${runs}>${({ runs: list }) => html`<${List} ...${{ project, list, query, setQuery, picked, setPicked }} />`}<//>`;
}

function List({ project, list, query, setQuery, picked, setPicked }) {
  const text = query.find ?? "";
  const shown = useMemo(() => list.filter((run) => matches(run, text)), [list, text]);
  const names = useMemo(() => {
    const counts = new Map();
    // Curves before numbers that were told once.
    for (const run of list) for (const [name, { count }] of Object.entries(run.summary)) counts.set(name, (counts.get(name) ?? 0) + (count > 1 ? 1000 : 1));
    return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name);
  }, [list]);
  const wanted = query.columns === undefined ? names.slice(0, 4) : query.columns.split(",").filter((name) => names.includes(name));
  const toggle = (id) => { const next = new Set(picked); if (!next.delete(id)) next.add(id); setPicked(next); };
  const columns = [
    { key: "pick", title: "", of: () => null, show: (run) => html`<input type="checkbox" aria-label=${`Compare ${run.name}`} checked=${picked.has(run.id)} onChange=${() => toggle(run.id)} />` },
    { key: "name", title: "Run", of: (run) => run.name, show: (run) => html`<a href=${`#/${encodeURIComponent(project)}/run/${encodeURIComponent(run.id)}`}>${run.name}</a> <span class="soft small">${run.id.split("-").pop()}</span>${(run.tags ?? []).map((tag) => html` <span class="tag">${tag}</span>`)}` },
    { key: "status", title: "Status", of: (run) => run.status, show: (run) => html`<${Status} of=${run.status} />` },
    { key: "started", title: "Started", of: (run) => run.started, show: (run) => html`<span title=${time(run.started)}>${ago(run.started)}</span>` },
    { key: "seconds", title: "Took", n: true, of: (run) => run.seconds, show: (run) => duration(run.seconds) },
    { key: "jobs", title: "Jobs", n: true, of: (run) => run.jobs_done, show: (run) => (run.jobs_total ? `${run.jobs_done} of ${run.jobs_total}` : "–") },
    ...wanted.map((name) => ({ key: `m.${name}`, title: name, n: true, of: (run) => run.summary[name]?.last })),
  ];
  const order = query.sort ?? "-started";
  const sort = { key: order.replace(/^-/, ""), down: order.startsWith("-") };
  const counted = [...new Set(list.map((run) => run.status))].map((status) => [status, list.filter((run) => run.status === status).length]);
  return html`
    <div class="bar">${counted.map(([status, count]) => html`<span><${Status} of=${status} /> ${number(count)}</span>`)}</div>
    <div class="bar">
      <label>Find <input type="search" value=${text} placeholder="words, or loss<0.5" onInput=${(event) => setQuery({ find: event.target.value })} /></label>
      ${names.length > 0 && html`<details><summary>Columns</summary><div class="bar">${names.slice(0, 60).map((name) => html`<label><input type="checkbox" checked=${wanted.includes(name)} onChange=${() => setQuery({ columns: (wanted.includes(name) ? wanted.filter((other) => other !== name) : [...wanted, name]).join(",") || "none" })} />${name}</label>`)}</div></details>`}
      <button type="button" disabled=${picked.size < 2} onClick=${() => { location.hash = `#/${encodeURIComponent(project)}/compare?runs=${[...picked].map(encodeURIComponent).join(",")}`; }}>Compare ${picked.size > 1 ? `${picked.size} runs` : "(pick two or more)"}</button>
    </div>
    <${Table} columns=${columns} rows=${shown} label="Runs" sort=${sort} onSort=${({ key, down }) => setQuery({ sort: `${down ? "-" : ""}${key}` })} empty=${list.length ? "No run has this." : "No runs yet."} />`;
}
