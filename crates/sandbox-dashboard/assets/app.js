// The frame of the page and where its addresses lead. An address after `#` is the whole state of a view: it can be sent on.
import { html, render, useEffect, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get } from "/assets/api.js";
import { Loaded, useData } from "/assets/parts.js";
import { state as liveState, listen } from "/assets/live.js";
import { Runs } from "/assets/pages/runs.js";
import { Run } from "/assets/pages/run.js";
import { Compare } from "/assets/pages/compare.js";

function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: Object.fromEntries(new URLSearchParams(query)) };
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
  const wanted = () => localStorage.getItem("theme") ?? "auto";
  const [theme, setTheme] = useState(wanted());
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      document.documentElement.dataset.theme = theme === "auto" ? (system.matches ? "dark" : "light") : theme;
      document.dispatchEvent(new Event("theme"));
    };
    apply();
    localStorage.setItem("theme", theme);
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [theme]);
  return html`<label class="small">Theme <select value=${theme} onChange=${(event) => setTheme(event.target.value)}>
    ${["auto", "light", "dark"].map((name) => html`<option value=${name} selected=${name === theme}>${name}</option>`)}</select></label>`;
}

function Live({ project }) {
  const [, redraw] = useState(0);
  useEffect(() => (project ? listen(project, () => redraw((n) => n + 1)) : undefined), [project]);
  const words = { live: "live", away: "not connected: trying again", off: "connecting" };
  return html`<span class="small soft" role="status" data-live=${liveState}>${words[liveState]}</span>`;
}

function Projects({ list }) {
  return html`<h1>Projects</h1>
    ${list.length === 0 ? html`<p>No runs are recorded here yet. <code>dj-sandbox run --config FILE</code> records one.</p>` : html`<ul>${list.map((project) => html`<li><a href=${`#/${encodeURIComponent(project.id)}`}>${project.name}</a> <span class="soft">${project.runs} ${project.runs === 1 ? "run" : "runs"}</span></li>`)}</ul>`}`;
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
      <div class="end"><${Live} project=${shown} /><${Theme} /></div>
    </header>
    <main id="main" tabindex="-1"><${Loaded} of=${projects}>${({ projects: list }) => {
      if (!shown) return html`<${Projects} list=${list} />`;
      if (page === "run") return html`<${Run} key=${`${shown}/${rest[0]}`} project=${shown} id=${rest[0]} tab=${rest[1]} query=${at.query} setQuery=${setQuery} />`;
      if (page === "compare") return html`<${Compare} project=${shown} query=${at.query} setQuery=${setQuery} />`;
      return html`<${Runs} key=${shown} project=${shown} query=${at.query} setQuery=${setQuery} />`;
    }}<//></main>`;
}

const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
