// Who is not let in.
import assert from "node:assert/strict";
import { request } from "node:http";
import { pages } from "../pages.mjs";

const status = (lab, path, headers) => new Promise((resolve, reject) => {
  const asked = request(`${lab.origin}${path}`, { headers }, (response) => { response.resume(); resolve(response.statusCode); });
  asked.on("error", reject);
  asked.end();
});

/** Every address that a browser asks for while it looks at every page. */
async function routes(lab) {
  const { page, visit, close } = await lab.page();
  const seen = new Set(["/", "/nowhere", "/api/nowhere"]);
  page.on("request", (request) => seen.add(request.url().slice(lab.origin.length)));
  for (const [, hash] of pages(lab)) await visit(hash);
  await close();
  return [...seen].filter((path) => !path.includes("token="));
}

export async function refuses_foreign_hosts_and_strangers(lab) {
  const all = await routes(lab);
  assert.ok(all.length > 30, `${all.length} routes`);
  const bearer = { authorization: `Bearer ${lab.token}` };
  for (const path of all) {
    for (const host of ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.example"]) {
      assert.equal(await status(lab, path, { ...bearer, host }), 403, `${path} for ${host}`);
    }
    assert.equal(await status(lab, path, {}), 401, `${path} without a token`);
    assert.equal(await status(lab, path, { authorization: `Bearer ${"0".repeat(64)}` }), 401, `${path} with another token`);
  }
  return `${all.length} routes`;
}
