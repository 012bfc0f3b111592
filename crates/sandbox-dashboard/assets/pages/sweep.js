// A sweep: its trials, how the best came about, which settings mattered.
import { html, useEffect, useMemo, useRef } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { duration, number } from "/assets/format.js";
import { listen } from "/assets/live.js";
import { Card, Loaded, Status, Table, flat, useData } from "/assets/parts.js";
import { Bars } from "/assets/charts/bars.js";
import { Lines } from "/assets/charts/lines.js";
import { Parallel } from "/assets/charts/parallel.js";

export function Sweep({ project, run, query, setQuery }) {
  const found = useData(() => get(`${runPath(project, run.id)}/trials`), [project, run.id]);
  useEffect(() => {
    let waiting = null;
    // A look a second, however many trials go on.
    const stop = listen(project, (news) => {
      const concerns = news.kind === "lagged" || (news.kind === "news" && news.news.some((event) => event.run === run.id));
      if (concerns) waiting ??= setTimeout(() => { waiting = null; found.again(); }, 1000);
    });
    return () => { clearTimeout(waiting); stop(); };
  }, [project, run.id]);
  return html`<${Loaded} of=${found}>${({ trials, metric, goal }) => (trials.length === 0
    ? html`<p class="soft">This run has no trials: it is not a sweep.</p>`
    : html`<${Trials} ...${{ project, id: run.id, trials, metric, goal, query, setQuery }} />`)}<//>`;
}

/** Ranks from 0, equal values sharing their mean. */
function ranks(values) {
  const order = values.map((value, index) => [value, index]).sort((a, b) => a[0] - b[0]);
  const out = new Array(values.length);
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j < order.length && order[j][0] === order[i][0]) j += 1;
    for (let k = i; k < j; k += 1) out[order[k][1]] = (i + j - 1) / 2;
    i = j;
  }
  return out;
}

/** Spearman's rank correlation; texts count by the order of their names. */
function correlation(xs, ys) {
  const kinds = [...new Set(xs.filter((x) => typeof x !== "number").map(String))].sort();
  const [a, b] = [ranks(xs.map((x) => (typeof x === "number" ? x : kinds.indexOf(String(x))))), ranks(ys)];
  const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => { ab += (x - ma) * (b[i] - mb); aa += (x - ma) ** 2; bb += (b[i] - mb) ** 2; });
  return aa && bb ? ab / Math.sqrt(aa * bb) : 0;
}

function Trials({ project, id, trials, metric, goal, query, setQuery }) {
  const results = [...new Set(trials.flatMap((trial) => Object.keys(trial.summary)))].sort();
  const at = [query.result, metric].find((name) => results.includes(name)) ?? results[0];
  const down = goal !== "maximize";
  const rows = useMemo(() => trials.map((trial, index) => ({ ...trial, index: index + 1, settings: flat(trial.parameters ?? {}), result: trial.summary[at]?.last })), [trials, at]);
  const number_ = (text) => (text !== undefined && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);
  const settings = [...new Set(rows.flatMap((row) => Object.keys(row.settings)))].filter((name) => new Set(rows.map((row) => row.settings[name])).size > 1).sort();
  const finished = rows.filter((row) => Number.isFinite(row.result));
  const best = finished.reduce((best, row) => (best === null || (down ? row.result < best.result : row.result > best.result) ? row : best), null);
  let so = null;
  const sofar = finished.map((row) => { so = so === null ? row.result : down ? Math.min(so, row.result) : Math.max(so, row.result); return so; });
  const numeric = (name) => rows.every((row) => row.settings[name] === undefined || typeof number_(row.settings[name]) === "number");
  const matter = settings.map((name) => ({ label: name, value: correlation(finished.map((row) => number_(row.settings[name]) ?? ""), finished.map((row) => row.result)) }));
  const lines = useMemo(() => [{ label: "trial", x: finished.map((row) => row.index), y: finished.map((row) => row.result) }, { label: "best so far", x: finished.map((row) => row.index), y: sofar }], [rows]);
  return html`<div class="bar"><label>Result <select onChange=${(event) => setQuery({ result: event.target.value === metric ? undefined : event.target.value })}>${results.map((name) => html`<option selected=${name === at}>${name}</option>`)}</select></label>
      <span class="soft">${down ? "less" : "more"} is better${best ? html`; best is trial ${best.index} with ${number(best.result)}` : ""}</span></div>
    <div class="cards">
      ${finished.length > 0 && html`<${Card} title="History" table=${() => ({ columns: [{ key: "t", title: "Trial", n: true, of: (row) => row.trial }, { key: "r", title: at, n: true, of: (row) => row.result }, { key: "b", title: "Best so far", n: true, of: (row) => row.best }], rows: finished.map((row, index) => ({ trial: row.index, result: row.result, best: sofar[index] })) })}><${Lines} series=${lines} xLabel="trial" /><//>`}
      ${finished.length > 3 && settings.length > 0 && html`<${Matter} ...${{ project, id, at, matter, count: finished.length }} />`}
    </div>
    ${settings.length > 0 && html`<h2>Parallel coordinates</h2><${Parallel} pick=${(name) => { location.hash = `#/${encodeURIComponent(project)}/run/${encodeURIComponent(rows[Number(name.slice(6)) - 1].id)}`; }} axes=${[...settings.slice(0, 10), at]} rows=${[...finished].sort((a, b) => (down ? 1 : -1) * (a.result - b.result)).map((row) => ({ id: `trial ${row.index}`, values: { ...Object.fromEntries(settings.map((name) => [name, number_(row.settings[name])])), [at]: row.result } }))} />`}
    <h2>Trials</h2>
    <${Table} columns=${[
      { key: "index", title: "Trial", n: true, of: (row) => row.index, show: (row) => html`<a href=${`#/${encodeURIComponent(project)}/run/${encodeURIComponent(row.id)}`}>${row.index}</a>` },
      { key: "status", title: "Status", of: (row) => row.status, show: (row) => html`<${Status} of=${row.status} />` },
      { key: "result", title: at ?? "Result", n: true, of: (row) => row.result },
      { key: "seconds", title: "Took", n: true, of: (row) => row.seconds, show: (row) => duration(row.seconds) },
      ...settings.map((name) => ({ key: name, title: name, n: numeric(name), of: (row) => number_(row.settings[name]) })),
    ]} rows=${rows} limit=${25} best=${(row, column) => column.key === "result" && row === best} />`;
}

/** What each setting is worth, as the program works it out; beside it the rank correlation, which also has a direction. */
function Matter({ project, id, at, matter, count }) {
  const found = useData(() => get(`${runPath(project, id)}/importance`, { metric: at }), [project, id, at, count]);
  const last = useRef(null);
  if (found.data) last.current = found.data;
  const of = last.current ?? { settings: [] };
  const rows = [...of.settings].sort((a, b) => b.share - a.share).map(({ name, share }) => ({ label: name, value: Math.round(1000 * share) / 10, rank: matter.find((one) => one.label === name)?.value }));
  const table = () => ({ columns: [{ key: "l", title: "Setting", of: (row) => row.label }, { key: "v", title: "Share, %", n: true, of: (row) => row.value }, { key: "r", title: "Rank correlation", n: true, of: (row) => row.rank }], rows });
  const weak = of.explained !== undefined && of.explained < 0.3;
  const note = of.explained === undefined ? null : `Share of what the settings are worth for ${at}: how much worse a random forest gets when one of them is shuffled. The forest explains ${number(Math.max(0, Math.round(100 * of.explained)))} % of what differs between trials it has not seen${weak ? ": too little to rely on" : ""}.`;
  return html`<${Card} title="Which settings mattered" note=${note} table=${rows.length ? table : null}>
    ${last.current || found.error ? (rows.length ? html`<${Bars} rows=${rows} unit=" %" />` : html`<p class="soft">${found.error ? found.error.message : "Eight trials with different results tell."}</p>`) : html`<p class="loading">Loading…</p>`}
  <//>`;
}
