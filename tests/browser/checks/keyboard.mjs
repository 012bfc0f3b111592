// Everything without a mouse.
import assert from "node:assert/strict";
import { pages } from "../pages.mjs";

export async function every_stop_can_be_seen_and_has_a_name(lab) {
  const { page, visit, wrong, close } = await lab.page();
  for (const [name, hash] of pages(lab)) {
    await visit(hash);
    await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex"); });
    const wanted = await page.evaluate(() => [...document.querySelectorAll("a[href],button:not(:disabled),input,select,summary,[tabindex='0']")].filter((one) => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true })).length);
    let stops = 0;
    for (let tab = 0; tab < Math.min(wanted, 60); tab += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const at = document.activeElement;
        if (!at || at === document.body) return null;
        const box = at.getBoundingClientRect();
        const style = getComputedStyle(at);
        const label = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.textContent || at.querySelector("img")?.alt;
        return { what: at.outerHTML.slice(0, 120), label: label?.trim(), wide: box.width, high: box.height, seen: box.bottom > 0 && box.top < innerHeight, outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 };
      });
      if (!stop) break;
      stops += 1;
      assert.ok(stop.label, `${name}: ${stop.what} has no name`);
      assert.ok(stop.wide > 0 && stop.high > 0 && stop.seen, `${name}: ${stop.what} cannot be seen`);
      assert.ok(stop.outline, `${name}: ${stop.what} does not show that it is at it`);
      if (tab === 0) assert.equal(stop.label, "Skip to the content", name);
    }
    assert.ok(stops >= Math.min(wanted, 60), `${name}: ${stops} of ${wanted} places were reached`);
  }
  assert.deepEqual(wrong, []);
  await close();
}

export async function the_content_is_one_key_away(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}`);
  const before = page.url();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  assert.equal(page.url(), before, "the address is that of the view");
  assert.deepEqual(wrong, []);
  await close();
}

export async function a_chart_is_read_and_turned_into_numbers(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.done}/curves?name=train.loss`);
  const series = await lab.api(`projects/${lab.project}/runs/${lab.runs.done}/series?name=train.loss&buckets=600`);
  const readout = page.locator(".readout");
  await page.locator(".chart").focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await readout.innerText(), new RegExp(`^step 0: ${series.last[0]}`));
  await page.keyboard.press("ArrowRight");
  assert.match(await readout.innerText(), new RegExp(`^step 1: ${series.last[1]}`));
  await page.keyboard.press("End");
  assert.match(await readout.innerText(), new RegExp(`^step ${series.step.at(-1)}: ${series.last.at(-1)}`));
  await page.keyboard.press("Home");
  assert.match(await readout.innerText(), /^step 0:/);
  const button = page.getByRole("button", { name: "Numbers" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.locator(".card tbody tr").first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".card .chart").waitFor();
  assert.deepEqual(wrong, []);
  await close();
}

export async function tabs_are_changed_by_arrows(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.done}/overview`);
  await page.locator("[role=tab][aria-selected=true]").focus();
  for (const [key, wanted] of [["ArrowRight", "Curves"], ["ArrowRight", "Data"], ["ArrowLeft", "Curves"], ["End", "Log"], ["ArrowRight", "Overview"]]) {
    await page.keyboard.press(key);
    await page.waitForFunction((wanted) => document.activeElement.textContent === wanted && document.activeElement.ariaSelected === "true", wanted, { timeout: 3000 });
  }
  assert.deepEqual(wrong, []);
  await close();
}

export async function jobs_and_trials_are_picked(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.done}/overview`);
  await page.getByRole("button", { name: /^train:/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "demo.train" }).waitFor();
  await visit(`#/${lab.project}/run/${lab.runs.sweep}/sweep`);
  const lines = page.getByRole("listbox", { name: /Parallel coordinates/ });
  await lines.focus();
  await page.keyboard.press("ArrowDown");
  const first = await page.locator("[data-trial]").innerText();
  await page.keyboard.press("ArrowDown");
  const second = await page.locator("[data-trial]").innerText();
  assert.match(first, /^trial \d+: /);
  assert.notEqual(first, second);
  assert.deepEqual(wrong, []);
  await close();
}
