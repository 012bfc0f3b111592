// Questions to the program that serves this page; nobody else is asked.

export class ApiError extends Error {}

const begun = new Map();

/** Asks for `path` before the page that needs it is there; the answer is for the first who asks. */
export function early(path) {
  const answer = get(path);
  // Who takes it hears of what went wrong.
  answer.catch(() => {});
  begun.set(path, answer);
}

/** Fetches `path` below `/api` with `query`; absent values are left out. */
export async function get(path, query = {}) {
  if (begun.has(path)) {
    const answer = begun.get(path);
    begun.delete(path);
    return answer;
  }
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&");
  const response = await fetch(`/api/${path}${text ? `?${text}` : ""}`, { headers: { accept: "application/json" } });
  if (!response.ok) throw new ApiError((await response.text()) || response.statusText);
  return response.json();
}

/** The address of one run. */
export const runPath = (project, run) => `projects/${encodeURIComponent(project)}/runs/${encodeURIComponent(run)}`;
