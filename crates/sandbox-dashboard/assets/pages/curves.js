// Curves of one run or of several, one card per name.
import { html, useEffect, useMemo, useRef, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { many, number } from "/assets/format.js";
import { listen } from "/assets/live.js";
import { Card, Loaded, Table, Toggle, useData } from "/assets/parts.js";
import { Lines, sentence } from "/assets/charts/lines.js";

const BUCKETS = 600;

/** `runs`: `[{project, id, label}]`; with `live`, the news of that project are followed; `known` is what the one run is known to have measured. */
export function Curves({ runs, known, live, query, setQuery }) {
  const ids = runs.map((run) => run.id).join(",");
  const first = useRef(known);
  const names = useData(async () => {
    const counts = first.current && Object.fromEntries(Object.entries(first.current).map(([name, { count }]) => [name, count]));
    first.current = undefined;
    const lists = counts ? [{ names: Object.keys(counts), counts }] : await Promise.all(runs.map((run) => get(`${runPath(run.project, run.id)}/names`)));
    const all = [...new Set(lists.flatMap((list) => list.names))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    // One number is no curve.
    const isCurve = (name) => lists.some((list) => list.counts[name] > 1);
    return { all, curves: all.filter(isCurve), single: all.filter((name) => !isCurve(name)) };
  }, [ids]);
  const [fresh, setFresh] = useState(0);
  useEffect(() => {
    if (!live) return undefined;
    let waiting = null;
    const own = new Set(runs.map((run) => run.id));
    const stop = listen(live, (news) => {
      const concerns = news.kind === "lagged" || (news.kind === "news" && news.news.some((event) => own.has(event.run)));
      if (!concerns || waiting) return;
      // At most a few looks a second, however fast the points come.
      waiting = setTimeout(() => { waiting = null; setFresh((n) => n + 1); names.again(); }, 250);
    });
    return () => { clearTimeout(waiting); stop(); };
  }, [ids, live]);
  const weight = Number(query.smooth ?? 0);
  const [log, axis, find] = [query.log === "1", query.x ?? "step", query.name ?? ""];
  return html`<div class="bar">
      <label>Find <input type="search" value=${find} placeholder="part of a name" onInput=${(event) => setQuery({ name: event.target.value })} /></label>
      <label>Over <select onChange=${(event) => setQuery({ x: event.target.value === "step" ? undefined : event.target.value })}>
        ${[["step", "step"], ["time", "clock"], ["elapsed", "seconds since the first point"], ["tokens", "tokens seen"]].map(([key, title]) => html`<option value=${key} selected=${key === axis}>${title}</option>`)}</select></label>
      <label>Smoothing <input type="range" min="0" max="0.99" step="0.01" value=${weight} onInput=${(event) => setQuery({ smooth: Number(event.target.value) ? event.target.value : undefined })} /> ${weight.toFixed(2)}</label>
      <${Toggle} on=${log} set=${(on) => setQuery({ log: on ? "1" : undefined })}>Log scale<//>
    </div>
    <${Loaded} of=${names}>${({ all, curves, single }) => {
      const has = (name) => name.toLowerCase().includes(find.toLowerCase());
      const [shown, once] = [curves.filter(has), single.filter(has)];
      if (shown.length === 0 && once.length === 0) return html`<p class="soft">${all.length ? "No name has this." : "Nothing was measured step by step yet."}</p>`;
      const groups = new Map();
      for (const name of shown.slice(0, 120)) {
        const group = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "";
        groups.set(group, [...(groups.get(group) ?? []), name]);
      }
      return html`${[...groups].map(([group, names]) => html`${group && html`<h2>${group}</h2>`}<div class="cards">${names.map((name) => html`<${Curve} key=${name} ...${{ name, runs, axis, log, weight, fresh, early: shown.indexOf(name) < 4 }} />`)}</div>`)}
        ${shown.length > 120 && html`<p class="soft">120 of ${number(shown.length)} names are drawn: find a part of a name to see others.</p>`}
        ${once.length > 0 && html`<${Once} runs=${runs} names=${once} fresh=${fresh} />`}`;
    }}<//>`;
}

/** What was told once, of each run. */
function Once({ runs, names, fresh }) {
  const found = useData(() => Promise.all(runs.map((run) => get(`${runPath(run.project, run.id)}/state`))), [runs.map((run) => run.id).join(","), names.join(), fresh]);
  const last = useRef(null);
  if (found.data) last.current = found.data;
  if (!last.current) return html`<${Loaded} of=${found}>${() => ""}<//>`;
  const rows = names.map((name) => ({ name, values: last.current.map(({ run }) => run.summary[name]?.last) }));
  return html`<h2>Told once</h2><${Table} label="Numbers that were told once" columns=${[{ key: "name", title: "Name", of: (row) => row.name }, ...runs.map((run, index) => ({ key: run.id, title: runs.length > 1 ? run.label : "Number", n: true, of: (row) => row.values[index] }))]} rows=${rows} limit=${25} />`;
}

function Curve({ name, runs, axis, log, weight, fresh, early }) {
  const ids = runs.map((run) => run.id).join(",");
  // Only what can be seen is fetched; the first ones can.
  const [seen, setSeen] = useState(early);
  const box = useRef(null);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) setSeen(true); }, { rootMargin: "300px" });
    watch.observe(box.current);
    // On paper there is no scrolling.
    const paper = matchMedia("print");
    const show = () => setSeen(true);
    paper.addEventListener("change", show);
    addEventListener("beforeprint", show);
    return () => { watch.disconnect(); paper.removeEventListener("change", show); removeEventListener("beforeprint", show); };
  }, []);
  const found = useData(() => (seen ? Promise.all(runs.map((run) => get(`${runPath(run.project, run.id)}/series`, { name, buckets: BUCKETS }).catch(() => null))) : new Promise(() => {})), [ids, name, seen, fresh]);
  const last = useRef(null);
  if (found.data) last.current = found.data;
  const data = last.current;
  const tokens = axis === "tokens";
  const over = useData(() => (tokens && seen ? Promise.all(runs.map((run) => tokensOf(run, name))) : null), [ids, name, tokens, seen, fresh]);
  const series = useMemo(() => (data ?? []).flatMap((one, index) => {
    if (!one || one.count === 0) return [];
    const numbers = (list) => list.map((value) => (typeof value === "string" ? Number(value.replace("inf", "Infinity")) : value));
    const ticks = over.data?.[index];
    const x = { step: one.step, time: one.time.map((ms) => ms / 1000), elapsed: one.time.map((ms) => (ms - one.time[0]) / 1000), tokens: ticks ? one.step.map((step) => ticks(step)) : one.step }[axis];
    return [{ label: runs[index].label, x, y: numbers(one.last), low: one.sampled ? numbers(one.min) : undefined, high: one.sampled ? numbers(one.max) : undefined, count: one.count, nan: one.nan }];
  }), [data, over.data, axis]);
  const points = series.reduce((sum, one) => sum + one.count, 0);
  const strange = series.reduce((sum, one) => sum + one.nan, 0);
  const sampled = series.some((one) => one.low);
  const note = `${many(points, "point")}${sampled ? `, drawn as ${number(series.reduce((sum, one) => sum + one.x.length, 0))} with their least and most` : ""}${strange ? `; ${number(strange)} ${strange === 1 ? "is no number" : "are no numbers"}` : ""}`;
  const table = () => ({
    caption: `${name}: ${note}`, limit: 100,
    columns: [...(series.length > 1 ? [{ key: "run", title: "Run", of: (row) => row.run }] : []), { key: "x", title: axis, n: true, of: (row) => row.x }, { key: "y", title: name.split(".").pop(), n: true, of: (row) => row.y }, ...(sampled ? [{ key: "low", title: "least", n: true, of: (row) => row.low }, { key: "high", title: "most", n: true, of: (row) => row.high }] : [])],
    rows: series.flatMap((one) => one.x.map((x, i) => ({ run: one.label, x, y: one.y[i], low: one.low?.[i], high: one.high?.[i] }))),
  });
  return html`<div ref=${box} data-name=${name}><${Card} title=${name.split(".").pop()} note=${series.length ? note : null} table=${series.length ? table : null} sentence=${`${name}: ${series.map(sentence).join("; ")}`}>
    ${found.error && !data && html`<div class="notice bad">${found.error.message}</div>`}
    ${series.length && axis === "step" && series.every((one) => one.x.every((x) => x === series[0].x[0])) ? html`<dl class="pairs">${series.map((one) => html`<dt>${series.length > 1 ? one.label : `at step ${number(one.x[0])}`}</dt><dd>${number(one.y[one.y.length - 1])}</dd>`)}</dl>` : series.length ? html`<${Lines} series=${series} log=${log} weight=${weight} time=${axis === "time"} xLabel=${axis === "elapsed" ? "seconds" : axis} />` : html`<p class="soft">${data ? "No numbers." : "Loading…"}</p>`}
  <//></div>`;
}

/** Tokens seen by step, from the run's own count beside `name`; without one, the step. */
async function tokensOf(run, name) {
  const prefix = name.includes(".") ? name.slice(0, name.lastIndexOf(".") + 1) : "";
  const one = await get(`${runPath(run.project, run.id)}/series`, { name: `${prefix}tokens_seen`, buckets: BUCKETS }).catch(() => null);
  if (!one || one.count === 0) return null;
  return (step) => {
    let [low, high] = [0, one.step.length - 1];
    while (low < high) { const mid = (low + high) >> 1; if (one.step[mid] < step) low = mid + 1; else high = mid; }
    return one.last[low];
  };
}
