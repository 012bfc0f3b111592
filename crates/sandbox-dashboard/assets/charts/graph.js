// The pipeline: one column per job list, arrows where a job reads what another gives; and a timeline.
import { html } from "/assets/vendor/htm-preact-standalone.js";
import { duration, number } from "/assets/format.js";

const COLOURS = { done: "--good", running: "--accent", failed: "--bad", crashed: "--bad", interrupted: "--warn" };
const colour = (status) => `var(${COLOURS[status] ?? "--soft"})`;
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** `jobs`: `[{id, title, note, status, column, needs: [id]}]`. */
export function Graph({ jobs, columns, pick, label = "Pipeline" }) {
  const [wide, high, gapX, gapY, top] = [190, 46, 60, 16, 30];
  // Where a job needs one that is not its neighbour above, the arrow goes around those between.
  const rows = new Map();
  const place = new Map();
  const filled = columns.map(() => 0);
  for (const job of jobs) {
    rows.set(job.id, filled[job.column]++);
  }
  const around = ([from, to]) => byId.get(from).column === byId.get(to).column && rows.get(to) !== rows.get(from) + 1;
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const edges = jobs.flatMap((job) => job.needs.filter((id) => byId.has(id)).map((id) => [id, job.id]));
  const margin = edges.some(around) ? 28 : 4;
  for (const job of jobs) place.set(job.id, { x: margin + job.column * (wide + gapX), y: top + rows.get(job.id) * (high + gapY) });
  const width = columns.length * (wide + gapX) - gapX + margin + 4;
  const height = top + Math.max(1, ...filled) * (high + gapY);
  const say = jobs.map((job) => `${job.title} ${job.status}`).join(", ");
  return html`<div class="scroll graph" tabindex="0" role="region" aria-label=${`${label}: ${say}`}><svg viewBox="0 0 ${width} ${height}" width=${width} height=${height} style=${{ maxWidth: "none" }}>
    <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="var(--soft)" /></marker></defs>
    ${columns.map((title, index) => html`<text class="soft" x=${margin + index * (wide + gapX)} y="18">${title}</text>`)}
    ${edges.map(([from, to]) => {
      const [a, b] = [place.get(from), place.get(to)];
      if (around([from, to])) return html`<path d="M${a.x} ${a.y + high / 2}C${a.x - 30} ${a.y + high / 2} ${b.x - 30} ${b.y + high / 2} ${b.x - 1} ${b.y + high / 2}" stroke="var(--soft)" fill="none" marker-end="url(#tip)" />`;
      if (a.x === b.x) return html`<path d="M${a.x + wide / 2} ${a.y + high}V${b.y - 1}" stroke="var(--soft)" fill="none" marker-end="url(#tip)" />`;
      const [x0, y0, x1, y1] = [a.x + wide, a.y + high / 2, b.x - 1, b.y + high / 2];
      const bend = Math.max(24, (x1 - x0) / 2);
      return html`<path d="M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}" stroke="var(--soft)" fill="none" marker-end="url(#tip)" />`;
    })}
    ${jobs.map((job) => {
      const at = place.get(job.id);
      const keys = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick?.(job.id); } };
      const does = pick ? { role: "button", tabindex: "0", onClick: () => pick(job.id), onKeyDown: keys } : {};
      return html`<g ...${does}>
        <title>${job.title}: ${[job.status, job.note].filter(Boolean).join(", ")}</title>
        <rect x=${at.x} y=${at.y} width=${wide} height=${high} rx="6" fill="var(--raised)" stroke=${colour(job.status)} stroke-width=${job.status === "waiting" ? 1 : 2} />
        <circle cx=${at.x + 13} cy=${at.y + 16} r="5" fill=${colour(job.status)} />
        <text x=${at.x + 25} y=${at.y + 20}>${cut(job.title, 22)}</text>
        <text class="soft" x=${at.x + 10} y=${at.y + 37}>${cut(job.note ?? "", 27)}</text>
      </g>`;
    })}
  </svg></div>`;
}

/** `jobs`: `[{id, title, status, from, to}]`, in seconds since the start of the run. */
export function Timeline({ jobs }) {
  const end = Math.max(1e-3, ...jobs.map((job) => job.to));
  const [left, wide, line] = [Math.min(200, 16 + 7 * Math.max(...jobs.map((job) => Math.min(28, job.title.length)))), 860, 24];
  const x = (seconds) => left + ((wide - left - 80) * seconds) / end;
  const say = jobs.map((job) => `${job.title} ${duration(job.to - job.from)}`).join(", ");
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Timeline"><svg viewBox="0 0 ${wide} ${line * jobs.length + 26}" width=${wide} height=${line * jobs.length + 26} style=${{ maxWidth: "none" }} role="img" aria-label=${say}>
    ${[0, 0.25, 0.5, 0.75, 1].map((part) => html`<g><path d="M${x(part * end)} 0V${line * jobs.length}" stroke="var(--line)" /><text class="soft" x=${x(part * end)} y=${line * jobs.length + 16} text-anchor="middle">${duration(part * end)}</text></g>`)}
    ${jobs.map((job, index) => html`<g>
      <title>${job.title}: ${duration(job.to - job.from)}, from ${number(job.from)} s</title>
      <text x=${left - 8} y=${index * line + 16} text-anchor="end">${cut(job.title, 28)}</text>
      <rect x=${x(job.from)} y=${index * line + 4} width=${Math.max(2, x(job.to) - x(job.from))} height="16" rx="3" fill=${colour(job.status)} />
      <text class="soft" x=${Math.max(x(job.from) + 2, x(job.to)) + 6} y=${index * line + 16}>${duration(job.to - job.from)}</text>
    </g>`)}
  </svg></div>`;
}
