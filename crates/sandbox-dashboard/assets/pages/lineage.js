// What was made from what, by content: data, recipes, models, scores.
import { html } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { bytes } from "/assets/format.js";
import { Card, Loaded, useData } from "/assets/parts.js";
import { Graph } from "/assets/charts/graph.js";

const key = (thing) => `${thing.kind} ${thing.digest}`;
const file = (name) => name.split("/").pop() || name;

/** Things in columns, each right of all that it was made from. */
function layers(edges) {
  const things = new Map(edges.flatMap((edge) => [edge.from, edge.to]).map((thing) => [key(thing), thing]));
  const depth = new Map([...things.keys()].map((name) => [name, 0]));
  // A ring, which contents cannot make but a damaged store could, ends with the rounds.
  for (let round = 0; round < things.size; round += 1) {
    let moved = false;
    for (const { from, to } of edges) {
      if (depth.get(key(to)) <= depth.get(key(from)) && depth.get(key(from)) + 1 < things.size) { depth.set(key(to), depth.get(key(from)) + 1); moved = true; }
    }
    if (!moved) break;
  }
  return { things, depth };
}

/** What nothing was made from, of the same making: the largest is shown, and how many there are beside it. Models and scores are all shown. */
function bundle(edges, things) {
  const used = new Set(edges.map(({ from }) => key(from)));
  const makings = new Map();
  for (const [name, thing] of things) {
    if (used.has(name) || ["model", "score"].includes(thing.kind)) continue;
    const own = edges.filter(({ to }) => key(to) === name);
    const making = `${own[0]?.run} ${own.map(({ from }) => key(from)).sort().join()}`;
    makings.set(making, [...(makings.get(making) ?? []), thing]);
  }
  const rest = new Map();
  for (const all of makings.values()) {
    if (all.length < 3) continue;
    const [first, ...others] = all.sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
    rest.set(key(first), others);
  }
  return rest;
}

export function Lineage({ project, id, version }) {
  const found = useData(() => get(`${runPath(project, id)}/lineage`), [project, id, version]);
  return html`<${Loaded} of=${found}>${({ edges }) => (edges.length === 0 ? "" : html`<h2>Made from</h2><${Things} edges=${edges} />`)}<//>`;
}

function Things({ edges }) {
  const { things, depth } = layers(edges);
  const columns = Math.max(...depth.values()) + 1;
  const rest = bundle(edges, things);
  const hidden = new Set([...rest.values()].flat().map(key));
  const jobs = [...things].filter(([name]) => !hidden.has(name)).map(([name, thing]) => ({
    id: name, title: file(thing.name), note: rest.has(name) ? `and ${rest.get(name).length} more files` : `${thing.kind} ${thing.digest.slice(0, 8)}`, status: "", column: depth.get(name),
    needs: edges.filter(({ to }) => key(to) === name).map(({ from }) => key(from)),
  }));
  const table = () => ({
    columns: [
      { key: "what", title: "Made", of: (row) => row.to.name, wide: true }, { key: "kind", title: "Kind", of: (row) => row.to.kind }, { key: "how", title: "By", of: (row) => row.how },
      { key: "from", title: "From", of: (row) => row.from.name, wide: true }, { key: "bytes", title: "Size", n: true, of: (row) => row.to.bytes, show: (row) => bytes(row.to.bytes) },
      { key: "digest", title: "Content", of: (row) => row.to.digest, show: (row) => html`<code title=${row.to.digest}>${row.to.digest.slice(0, 12)}</code>` },
    ],
    rows: edges,
  });
  return html`<${Card} title="Data, recipes, models and scores by their content" note="Two of the same content are one, whatever their names are." table=${table}><${Graph} label="Lineage" jobs=${jobs} columns=${Array(columns).fill("")} /><//>`;
}
