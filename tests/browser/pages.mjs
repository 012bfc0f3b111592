// Every page there is, by a name for its pictures.

/** `[name, address after #]`; a run that has what the page is for. */
export function pages({ project, empty, runs, log }) {
  const run = (name, tab) => `#/${project}/run/${runs[name]}/${tab}`;
  return [
    ["projects", "#/"],
    ["runs", `#/${project}`],
    ["runs-empty", `#/${empty}`],
    ["compare", `#/${project}/compare?runs=${runs.curves.slice(0, 3).join(",")}`],
    ["overview", run("done", "overview")],
    ["overview-live", run("live", "overview")],
    ["overview-failed", run("failed", "overview")],
    ["curves", run("done", "curves")],
    ["curves-plain", `${run("curves", "curves").replace(String(runs.curves), runs.curves[1])}?smooth=0.6`],
    ["curves-million", run("million", "curves")],
    ["data", run("done", "data")],
    ["data-none", run("million", "data")],
    ["sweep", run("sweep", "sweep")],
    ["sweep-none", run("done", "sweep")],
    ["config", run("done", "config")],
    ["log", run("done", "log")],
    ["log-file", `${run("done", "log")}?of=${log}&find=step 299`],
    ["log-live", run("live", "log")],
  ];
}
