// The frame of the page and where its addresses lead. An address after `#` is the whole state of a view: it can be sent on.
import { html, render, useEffect, useState } from "/assets/vendor/htm-preact-standalone.js";
import { early, get, runPath } from "/assets/api.js";
import { ago, time } from "/assets/format.js";
import { Loaded, Table, useData } from "/assets/parts.js";
import { state as liveState, listen } from "/assets/live.js";
import { Runs } from "/assets/pages/runs.js";
import { Run } from "/assets/pages/run.js";
import { Compare } from "/assets/pages/compare.js";

const NOTHING = html`No runs are recorded here yet. <code>dj-sandbox run --config FILE</code> records one.`;

function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decoded), query: Object.fromEntries(new URLSearchParams(query)) };
}

/** A part of an address; one that was never encoded is taken as it is. */
function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

/** Changes what stands after `?` in the address; with `undefined`, takes it out. */
export function setQuery(changes) {
  const { path, query } = read();
  const next = new URLSearchParams(Object.entries({ ...query, ...changes }).filter(([, value]) => value !== undefined && value !== ""));
  const text = next.toString();
  history.replaceState(null, "", `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem("theme") ?? "auto");
  const want = (name) => { localStorage.setItem("theme", name); setTheme(name); document.dispatchEvent(new Event("wanted-theme")); };
  return html`<label class="small">Theme <select value=${theme} onChange=${(event) => want(event.target.value)}>
    ${["auto", "light", "dark"].map((name) => html`<option value=${name} selected=${name === theme}>${name}</option>`)}</select></label>`;
}

function Live({ project }) {
  const [, redraw] = useState(0);
  useEffect(() => (project ? listen(project, () => redraw((n) => n + 1)) : undefined), [project]);
  const words = { live: "live", away: "not connected: trying again", off: "connecting" };
  return html`<span class="small soft" role="status" data-live=${liveState}>${words[liveState]}</span>`;
}

function Projects({ list }) {
  return html`<h1>Projects</h1><${Table} label="Projects" columns=${[
    { key: "name", title: "Project", of: (row) => row.name, show: (row) => html`<a href=${`#/${encodeURIComponent(row.id)}`}>${row.name}</a>` },
    { key: "runs", title: "Runs", n: true, of: (row) => row.runs },
    { key: "last", title: "Last run began", of: (row) => row.last, show: (row) => html`<span title=${time(row.last)}>${ago(row.last)}</span>` },
  ]} rows=${list} empty=${NOTHING} />`;
}

/** What stands at an address that leads nowhere. */
function Nowhere({ what }) {
  return html`<h1>Nothing here</h1><div class="notice bad" role="alert">${what} <a href="#/">All projects</a></div>`;
}

function App() {
  const [at, setAt] = useState(read());
  useEffect(() => {
    const follow = () => setAt(read());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const projects = useData(() => get("projects"), []);
  const [project, page, ...rest] = at.path;
  // With one project, its runs are the first page.
  const only = projects.data?.projects.length === 1 ? projects.data.projects[0].id : undefined;
  const shown = project ?? only;
  const name = projects.data?.projects.find((one) => one.id === shown)?.name;
  useEffect(() => { document.title = [rest[0], name, "dj-sandbox"].filter(Boolean).join(" · "); }, [at, name]);
  return html`<header class="top">
      <a class="name" href="#/"><img src="/assets/icon.svg" alt="" />dj-sandbox</a>
      <nav aria-label="Where you are">${projects.data && projects.data.projects.length > 1 && html`<a href="#/">Projects</a>`}${shown && html`<a href=${`#/${encodeURIComponent(shown)}`}>${name ?? shown}</a>`}</nav>
      <div class="end">${shown && html`<${Live} project=${shown} />`}<${Theme} /></div>
    </header>
    <main id="main" tabindex="-1" data-at=${location.hash}><${Loaded} of=${projects}>${({ projects: list }) => {
      if (!shown) return html`<${Projects} list=${list} />`;
      if (!list.some((one) => one.id === shown)) return html`<${Nowhere} what="There is no such project." />`;
      if (page === "run" && rest[0]) return html`<${Run} key=${`${shown}/${rest[0]}`} project=${shown} id=${rest[0]} tab=${rest[1]} query=${at.query} setQuery=${setQuery} />`;
      if (page === "compare") return html`<${Compare} project=${shown} query=${at.query} setQuery=${setQuery} />`;
      if (page) return html`<${Nowhere} what="There is no such page." />`;
      return html`<${Runs} key=${shown} project=${shown} query=${at.query} setQuery=${setQuery} />`;
    }}<//></main>`;
}

// Addresses after # are those of views: this one stays, and only the keyboard goes on from there.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main")?.focus();
});
// On paper everything is drawn anew, in the colours of paper.
matchMedia("print").addEventListener("change", () => document.dispatchEvent(new Event("theme")));

// What the first page needs is on its way while the page is being made.
early("projects");
const [firstProject, firstPage, firstRun] = read().path;
if (firstPage === "run" && firstRun) early(runPath(firstProject, firstRun));

const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
