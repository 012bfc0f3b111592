// The program that serves made-up runs, a browser, and pages that remember everything they did.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Starts all of it. `settings`: where the seed program, the browser, the packages and the pictures are. */
export async function open({ seed, browser: executablePath, packages, shots, quick }) {
  const require = createRequire(join(packages, "/"));
  const { chromium } = require("playwright-core");
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  mkdirSync(shots, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "dj-sandbox-browser-"));
  const program = spawn(seed, [folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const { value: first } = await lines.next();
  assert.ok(first, "the seed program ended before it began");
  const { url, runs } = JSON.parse(first);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const origin = new URL(url).origin;
  const token = new URL(url).searchParams.get("token");
  const api = async (path) => {
    const response = await fetch(`${origin}/api/${path}`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(response.status, 200, path);
    return response.json();
  };
  const { projects } = await api("projects");
  const project = projects.find((project) => project.name === "demo").id;
  const { files } = await api(`projects/${project}/runs/${runs.done}/files`);
  const lab = {
    browser, url, origin, token, runs, api, axe, shots, quick, folder,
    project, log: files.find((file) => file.kind === "log").id,
    empty: projects.find((project) => project.name === "other").id,
    /** Has the seed program do something; when it was done, in milliseconds since 1970. */
    async tell(line) {
      program.stdin.write(`${line}\n`);
      return Number((await lines.next()).value);
    },
    page: (options) => page(lab, options),
    async close() {
      await browser.close();
      program.stdin.end();
      await new Promise((resolve) => program.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return lab;
}

/** A page in a window of its own that has been let in. `wrong` lists what no page may do. */
async function page(lab, { colorScheme = "light", width = 1280, height = 900, reducedMotion = "no-preference" } = {}) {
  const context = await lab.browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  const page = await context.newPage();
  const wrong = [];
  let open = 0;
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => wrong.push(`script: ${error.stack}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== lab.origin) wrong.push(`asks another host: ${url}`);
    if (!url.pathname.endsWith("/live")) open += 1;
  });
  const closed = (request) => { if (!new URL(request.url()).pathname.endsWith("/live")) open -= 1; };
  page.on("requestfinished", closed);
  page.on("requestfailed", closed);
  page.on("response", (response) => { if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`); });
  await page.goto(lab.url);
  const settled = async () => {
    await page.waitForFunction(() => document.querySelector("main")?.dataset.at === location.hash && document.querySelector("main h1"));
    for (let quiet = 0; quiet < 2;) {
      await page.waitForTimeout(40);
      quiet = open === 0 && (await page.locator(".loading").count()) === 0 ? quiet + 1 : 0;
    }
  };
  /** Goes to an address after `#` and waits until everything that it shows is there. */
  const visit = async (hash) => {
    await page.goto(`${lab.origin}/${hash}`);
    await settled();
  };
  return { page, context, wrong, visit, settled, close: () => context.close() };
}
