// A run as its events tell it. The first look and every piece of news go through the same lines.

const key = (job) => `${job.iteration}/${job.pipeline}/${job.meta_name}`;

/** Nothing known yet. */
export function blank() {
  return { plan: [], jobs: [], open: new Map(), targets: null, watched: new Map(), notes: [], bad: [], started: null, ended: null, status: null, written: [], iteration: 0, logs: 0, seq: 0 };
}

/** The job that an event is about: the last one of its name that was begun. */
function jobOf(state, event) {
  return state.open.get(key(event.job));
}

/** Takes one event: `{seq, ts, event, ...}`; `ts` in milliseconds since 1970. */
export function take(state, event) {
  if (event.seq <= state.seq) return;
  state.seq = event.seq;
  const job = event.job && jobOf(state, event);
  switch (event.event) {
    case "run_started":
      state.started = event.ts;
      state.ended = null;
      state.status = null;
      break;
    case "plan":
      state.plan = event.jobs;
      break;
    case "iteration_started":
      state.iteration = event.iteration;
      break;
    case "job_started":
    case "job_skipped": {
      // Two jobs may share a name (an analysis and a refinement of the same data): they come in the order of the plan.
      const nth = state.jobs.filter((other) => key(other.job) === key(event.job)).length;
      const line = state.plan.filter((line) => line.pipeline === event.job.pipeline && line.meta_name === event.job.meta_name)[nth];
      const skipped = event.event === "job_skipped";
      const begun = {
        id: state.jobs.length, job: event.job, hook: event.hook ?? line?.hook, type: event.type_name ?? line?.type_name, line,
        status: skipped ? "skipped" : "running", from: event.ts, to: skipped ? event.ts : null, outputs: event.outputs ?? {},
        facts: event.report ?? null, progress: null, metrics: new Map(), error: null, rejected: 0, why: event.why,
      };
      state.jobs.push(begun);
      state.open.set(key(event.job), begun);
      break;
    }
    case "progress":
      if (job) job.progress = event;
      break;
    case "metric":
      if (job) job.metrics.set(event.name, event);
      break;
    case "metrics":
      if (job) for (const [name, value] of Object.entries(event.values)) job.metrics.set(name, { ...event, name, value });
      break;
    case "log":
      state.logs += 1;
      break;
    case "watched":
      state.watched.set(event.meta_name, event.value);
      break;
    case "bad_row":
      if (state.bad.length < 1000) state.bad.push(event);
      break;
    case "note":
    case "warning":
      state.notes.push(event);
      break;
    case "report":
      if (job) job.facts = event.facts;
      break;
    case "job_finished":
      if (job) Object.assign(job, { status: "done", to: event.ts, seconds: event.seconds, outputs: event.outputs, rejected: event.rejected_rows });
      break;
    case "job_failed":
      if (job) Object.assign(job, { status: "failed", to: event.ts, error: event.message, hint: event.hint });
      break;
    case "targets":
      state.targets = event;
      break;
    case "run_finished":
      Object.assign(state, { ended: event.ts, status: event.status, seconds: event.seconds, written: event.written });
      break;
  }
}

/** The state after `events`. */
export function fold(events) {
  const state = blank();
  for (const event of events) take(state, event);
  return state;
}

/** Jobs begun and jobs of the plan that wait, in order, with what the pipeline's picture needs. */
export function outline(state, runStatus) {
  const lists = [...new Set(state.plan.map((line) => line.list))];
  const now = state.jobs.filter((job) => job.job.iteration === state.iteration);
  const left = [...now];
  const over = runStatus !== "running";
  const nodes = state.plan.map((line, index) => {
    const at = left.findIndex((job) => job.job.pipeline === line.pipeline && job.job.meta_name === line.meta_name);
    const job = at < 0 ? null : left.splice(at, 1)[0];
    const status = !job ? "waiting" : over && job.status === "running" ? runStatus : job.status;
    return { id: index, line, job, status, title: `${line.meta_name}`, column: lists.indexOf(line.list) };
  });
  const gives = (node, reference) => node.line.outputs.some((name) => reference === `${node.line.pipeline}.${node.line.meta_name}.${name}`);
  for (const node of nodes) {
    node.needs = nodes.filter((other) => node.line.inputs.some(([, reference]) => gives(other, reference))).map((other) => other.id);
  }
  return { nodes, columns: lists.map((list) => list.replace(/_job_configs$/, "").replaceAll("_", " ")) };
}
