// One stream of news for the whole page; whoever is interested listens.

const listeners = new Set();
let source = null;
let at = null;
export let state = "off";

/** Calls `listener(news)` with every batch of news of `project` until the returned function is called. */
export function listen(project, listener) {
  listeners.add(listener);
  if (at !== project) open(project);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) close();
  };
}

function tell(news) {
  for (const listener of [...listeners]) listener(news);
}

function open(project) {
  close();
  at = project;
  source = new EventSource(`/api/projects/${encodeURIComponent(project)}/live`);
  source.addEventListener("open", () => { state = "live"; tell({ kind: "state" }); });
  // The browser connects again by itself and says which number it saw last.
  source.addEventListener("error", () => { state = "away"; tell({ kind: "state" }); });
  source.addEventListener("news", (event) => tell({ kind: "news", news: JSON.parse(event.data) }));
  source.addEventListener("lagged", () => tell({ kind: "lagged" }));
}

function close() {
  source?.close();
  source = null;
  at = null;
  state = "off";
}
