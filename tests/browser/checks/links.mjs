// An address is the whole state of a view.
import assert from "node:assert/strict";

export async function curves_come_back(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.done}/curves`);
  await page.getByLabel("Find").fill("loss");
  await page.getByLabel("Smoothing").fill("0.5");
  await page.getByRole("button", { name: "Log scale" }).click();
  await page.getByLabel("Over").selectOption("elapsed");
  const address = page.url();
  const other = await lab.page();
  await other.page.goto(address);
  await other.settled();
  assert.equal(await other.page.getByLabel("Find").inputValue(), "loss");
  assert.equal(await other.page.getByLabel("Smoothing").inputValue(), "0.5");
  assert.equal(await other.page.getByLabel("Over").inputValue(), "elapsed");
  assert.equal(await other.page.getByRole("button", { name: "Log scale" }).getAttribute("aria-pressed"), "true");
  assert.equal(await other.page.locator(".chart").count(), 1);
  assert.deepEqual([...wrong, ...other.wrong], []);
  await Promise.all([close(), other.close()]);
}

export async function lists_come_back(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}`);
  await page.getByLabel("Find").fill("train.loss<0.6 rate");
  await page.getByRole("button", { name: "Took" }).click();
  const names = () => page.locator("tbody tr td:nth-child(2) a").allInnerTexts();
  const before = await names();
  assert.ok(before.length > 0 && before.length < 6, String(before));
  await page.reload();
  await page.waitForSelector("tbody tr");
  assert.deepEqual(await names(), before);
  assert.equal(await page.locator("th[aria-sort]").innerText(), "Took ↓");
  assert.deepEqual(wrong, []);
  await close();
}

export async function tabs_and_runs_come_back(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}`);
  const boxes = page.getByRole("checkbox", { name: /^Compare/ });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByRole("button", { name: "Compare 2 runs" }).click();
  await page.getByRole("heading", { name: "Compare 2 runs" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Compare 2 runs" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Runs", exact: true }).waitFor();
  await visit(`#/${lab.project}/run/${lab.runs.done}`);
  await page.getByRole("tab", { name: "Data" }).click();
  await page.reload();
  assert.equal(await page.locator("[role=tab][aria-selected=true]").innerText(), "Data");
  assert.deepEqual(wrong, []);
  await close();
}

export async function unknown_addresses_say_so(lab) {
  const { page, close } = await lab.page();
  for (const hash of ["#/nowhere", `#/${lab.project}/run/nowhere`, `#/${lab.project}/run/nowhere/curves`, `#/${lab.project}/compare?runs=nowhere`, "#/%", `#/${lab.project}/nowhere`]) {
    await page.goto(`${lab.origin}/${hash}`);
    await page.reload();
    await page.getByRole("alert").first().waitFor({ timeout: 5000 });
  }
  await close();
}
