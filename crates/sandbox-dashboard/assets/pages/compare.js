// Several runs side by side: what differs in what was asked, and in what came out.
import { html, useMemo, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { number, time } from "/assets/format.js";
import { Loaded, Status, Table, Toggle, flat, useData } from "/assets/parts.js";
import { Curves } from "/assets/pages/curves.js";

export function Compare({ project, query, setQuery }) {
  const ids = (query.runs ?? "").split(",").filter(Boolean).map(decodeURIComponent);
  const found = useData(() => Promise.all(ids.map((id) => get(runPath(project, id)))), [project, query.runs]);
  if (ids.length === 0) return html`<h1>Compare</h1><p>Pick runs in the list of runs first.</p>`;
  return html`<h1>Compare ${ids.length} runs</h1><${Loaded} of=${found}>${(all) => html`<${Side} ...${{ project, all, query, setQuery }} />`}<//>`;
}

function Side({ project, all, query, setQuery }) {
  const [same, setSame] = useState(false);
  const names = all.map(({ run }, index) => (all.filter((other) => other.run.name === run.name).length > 1 ? `${run.name} ${index + 1}` : run.name));
  const asked = useMemo(() => {
    const flats = all.map(({ config }) => flat(config ?? {}));
    const keys = [...new Set(flats.flatMap((one) => Object.keys(one)))].sort();
    return keys.map((key) => ({ key, values: flats.map((one) => one[key]), differs: new Set(flats.map((one) => one[key])).size > 1 }));
  }, [all]);
  const reached = useMemo(() => {
    const keys = [...new Set(all.flatMap(({ run }) => Object.keys(run.summary)))].sort();
    return keys.map((key) => ({ key, values: all.map(({ run }) => run.summary[key]?.last) }));
  }, [all]);
  const shown = asked.filter((row) => same || row.differs);
  const columns = (of, n) => all.map((_, index) => ({ key: `r${index}`, title: names[index], n, of: (row) => of(row, index), wide: !n }));
  return html`
    <${Table} columns=${[
      { key: "name", title: "Run", of: (row) => row.name, show: (row) => html`<a href=${`#/${encodeURIComponent(project)}/run/${encodeURIComponent(row.run.id)}`}>${row.name}</a>` },
      { key: "status", title: "Status", of: (row) => row.run.status, show: (row) => html`<${Status} of=${row.run.status} />` },
      { key: "started", title: "Started", of: (row) => row.run.started, show: (row) => time(row.run.started) },
    ]} rows=${all.map(({ run }, index) => ({ run, name: names[index] }))} />
    <h2>What was asked</h2>
    <div class="bar"><${Toggle} on=${same} set=${setSame}>Also what is the same<//><span class="soft small">${number(asked.filter((row) => row.differs).length)} of ${number(asked.length)} settings differ</span></div>
    <div class="diff"><${Table} columns=${[{ key: "key", title: "Setting", of: (row) => row.key }, ...columns((row, index) => row.values[index])]} rows=${shown} empty="Nothing differs." /></div>
    <h2>What came out</h2>
    <${Table} columns=${[{ key: "key", title: "Name", of: (row) => row.key }, ...columns((row, index) => row.values[index], true)]} rows=${reached} empty="No numbers." />
    <h2>Curves</h2>
    <${Curves} runs=${all.map(({ run }, index) => ({ project, id: run.id, label: names[index] }))} live=${all.some(({ run }) => run.status === "running") ? project : undefined} query=${query} setQuery=${setQuery} />`;
}
