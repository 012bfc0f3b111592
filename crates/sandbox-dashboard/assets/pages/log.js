// What a run and its jobs' programs say, as it comes.
import { html, useEffect, useMemo, useRef, useState } from "/assets/vendor/htm-preact-standalone.js";
import { get, runPath } from "/assets/api.js";
import { bytes, many, number, time } from "/assets/format.js";
import { listen } from "/assets/live.js";
import { Loaded, Table, Toggle, useData } from "/assets/parts.js";

/** Characters of a log that are kept on the page. */
const KEPT = 400_000;

/** Lines as a terminal shows them in the end: without colours, and of a line that was written over the last. */
export function plain(text) {
  const bare = text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0008\u000b\u000c\u000e-\u001a]/g, "");
  return bare.split("\n").map((line) => { const parts = line.replace(/\r+$/, "").split("\r"); return parts[parts.length - 1]; }).join("\n");
}

/** A box of text that stays at its end while the end is in sight. */
function Tail({ text, label }) {
  const box = useRef(null);
  const atEnd = useRef(true);
  useEffect(() => { if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight; }, [text]);
  const scrolled = () => { const at = box.current; atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 30; };
  return html`<pre class="log" tabindex="0" role="region" aria-label=${label} ref=${box} onScroll=${scrolled}>${text}</pre>`;
}

export function Log({ project, id, state, isLive, query, setQuery }) {
  const files = useData(() => get(`${runPath(project, id)}/files`), [project, id, state.logs]);
  return html`<${Loaded} of=${files}>${({ files: all }) => {
    const logs = all.filter((file) => file.kind === "log");
    const at = logs.find((file) => file.id === query.of) ?? null;
    const twice = (file) => logs.filter((other) => other.job === file.job).length > 1;
    return html`<div class="bar"><label>Log <select onChange=${(event) => setQuery({ of: event.target.value || undefined, find: undefined })}>
        <option value="" selected=${!at}>of the run</option>
        ${logs.map((file) => html`<option value=${file.id} selected=${file === at}>${file.job}${twice(file) ? ` (iteration ${file.iteration})` : ""}: ${file.name}</option>`)}</select></label></div>
      ${at ? html`<${Printed} key=${at.id} ...${{ project, id, file: at, isLive, query, setQuery }} />` : html`<${Own} ...${{ project, id, state, isLive, query, setQuery }} />`}`;
  }}<//>`;
}

/** The run's own lines, from the store. */
function Own({ project, id, state, isLive, query, setQuery }) {
  const [lines, setLines] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    let [over, busy, again, last] = [false, false, false, undefined];
    const look = async () => {
      if (busy) { again = true; return; }
      busy = true;
      try {
        const { lines: more } = await get(`${runPath(project, id)}/log`, { after: last });
        if (more.length) last = more[more.length - 1].id;
        if (!over) setLines((known) => [...(known ?? []), ...more].slice(-20_000));
        if (more.length === 2000 && last !== undefined) again = true;
      } catch (failed) {
        if (!over) setError(failed);
      }
      busy = false;
      if (again && !over) { again = false; look(); }
    };
    look();
    const stop = isLive ? listen(project, (news) => { if (news.kind !== "state") look(); }) : null;
    return () => { over = true; stop?.(); };
  }, [project, id, isLive]);
  const find = query.find ?? "";
  const shown = useMemo(() => (lines ?? []).filter((line) => `${line.job} ${line.stream} ${line.text}`.toLowerCase().includes(find.toLowerCase())), [lines, find]);
  if (error) return html`<div class="notice bad" role="alert">${error.message}</div>`;
  if (!lines) return html`<p class="loading">Loading…</p>`;
  const word = (line) => (["job", "note", ""].includes(line.stream) ? "" : `${line.stream}: `);
  const text = shown.map((line) => `${time(line.ts).slice(11)}  ${line.job && !line.text.startsWith(line.job) ? `${line.job}: ` : ""}${word(line)}${plain(line.text)}\n`).join("");
  return html`<div class="bar"><label>Find <input type="search" value=${find} placeholder="part of a line" onInput=${(event) => setQuery({ find: event.target.value || undefined })} /></label>
      <span class="soft small" role="status">${find ? `${many(shown.length, "line")} of ${number(lines.length)}` : many(lines.length, "line")}${isLive ? ", followed" : ""}</span></div>
    ${lines.length ? html`<${Tail} text=${text} label="Log of the run" />` : html`<p class="soft">Nothing was said yet.</p>`}
    ${state.bad.length > 0 && html`<h2>Rows that could not be used</h2><${Table} columns=${[
      { key: "file", title: "File", of: (row) => row.file, wide: true },
      { key: "line", title: "Line", n: true, of: (row) => row.line },
      { key: "reason", title: "Why", of: (row) => row.reason, wide: true },
    ]} rows=${state.bad} />`}`;
}

/** What a job's program printed, from its file: the end of it, what comes, and on request what was before. */
function Printed({ project, id, file, isLive, query, setQuery }) {
  const path = `${runPath(project, id)}/files/${encodeURIComponent(file.id)}`;
  const [piece, setPiece] = useState(null);
  const [follow, setFollow] = useState(true);
  const [cut, setCut] = useState(false);
  useEffect(() => {
    let [over, next, timer] = [false, undefined, null];
    const look = async () => {
      let wait = 700;
      try {
        const more = await get(path, { from: next });
        if (over) return;
        if (more.problem) { setPiece(more); return; }
        // A file that has become shorter was begun anew.
        const isNew = next === undefined || more.from < next;
        next = more.next;
        if (more.text || isNew) setPiece((known) => {
          const text = isNew ? more.text : known.text + more.text;
          if (text.length > KEPT) setCut(true);
          return { ...more, from: isNew ? more.from : known.from, text: text.slice(-KEPT) };
        });
        if (more.next < more.size && more.text) wait = 0;
      } catch { /* asked again */ }
      if (!over && isLive && follow) timer = setTimeout(look, wait);
    };
    look();
    return () => { over = true; clearTimeout(timer); };
  }, [path, isLive, follow]);
  const earlier = async () => {
    const size = Math.min(piece.from, 256 << 10);
    let [text, at] = ["", piece.from - size];
    while (at < piece.from) {
      const more = await get(path, { from: at, limit: piece.from - at });
      if (more.problem || more.next <= at) break;
      text += more.text;
      at = more.next;
    }
    setPiece((known) => ({ ...known, from: known.from - size, text: text + known.text }));
  };
  if (!piece) return html`<p class="loading">Loading…</p>`;
  if (piece.problem) return html`<div class="notice warn" role="alert">${file.name}: ${piece.problem}</div>`;
  return html`<div class="bar">
      <${Find} ...${{ path, query, setQuery }} />
      ${isLive && html`<${Toggle} on=${follow} set=${setFollow}>Follow<//>`}
      ${piece.from > 0 && !cut && html`<button type="button" onClick=${earlier}>Show earlier</button>`}
      <span class="soft small" role="status">${bytes(piece.size)}${cut ? ", the end of it shown" : piece.from > 0 ? `, the last ${bytes(piece.size - piece.from)} shown` : ""}</span></div>
    ${query.find ? html`<${Hits} ...${{ path, find: query.find }} />` : ""}
    <${Tail} text=${plain(piece.text)} label=${`What ${file.job} printed`} />`;
}

function Find({ query, setQuery }) {
  const [text, setText] = useState(query.find ?? "");
  const submit = (event) => { event.preventDefault(); setQuery({ find: text || undefined }); };
  return html`<form class="find" role="search" onSubmit=${submit}><label>Find <input type="search" value=${text} placeholder="in the whole file" onInput=${(event) => { setText(event.target.value); if (!event.target.value) setQuery({ find: undefined }); }} /></label> <button type="submit">Search</button></form>`;
}

/** Lines of the whole file that hold a text. */
function Hits({ path, find }) {
  const [found, setFound] = useState(null);
  const more = async (from, before) => {
    const answer = await get(path, { find, from }).catch((error) => ({ problem: error.message }));
    setFound({ ...answer, hits: [...before, ...(answer.hits ?? [])] });
  };
  useEffect(() => { setFound(null); more(0, []); }, [path, find]);
  if (!found) return html`<p class="loading">Searching…</p>`;
  const end = typeof found.next === "number";
  return html`<h2>Lines with “${find}”</h2>${found.problem && html`<div class="notice warn">${found.problem}</div>`}
    <${Table} columns=${[{ key: "at", title: "At byte", n: true, of: (row) => row.at }, { key: "line", title: "Line", wide: true, of: (row) => plain(row.line), show: (row) => html`<span class="mono">${plain(row.line)}</span>` }]} rows=${found.hits} limit=${1000} empty=${end ? "None so far." : "No line has this."} />
    ${end && html`<button type="button" class="plain" onClick=${() => more(found.next, found.hits)}>Search on</button>`}`;
}
