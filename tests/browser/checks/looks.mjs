// Every page, light and dark, wide and narrow, on paper: what a program can see of it, and a picture for people.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pages } from "../pages.mjs";

/** What axe holds against the page, the serious and the critical. */
async function faults(lab, page) {
  await page.evaluate(lab.axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.any[0]?.message ?? node.failureSummary})`).join("; ")}`);
}

const shot = (lab, page, name) => page.screenshot({ path: join(lab.shots, `${name}.png`), fullPage: true });

async function scheme(lab, colorScheme) {
  const { page, visit, wrong, close } = await lab.page({ colorScheme });
  const found = [];
  for (const [name, hash] of pages(lab)) {
    await visit(hash);
    found.push(...(await faults(lab, page)).map((fault) => `${name}: ${fault}`));
    await shot(lab, page, `${name}-${colorScheme}`);
    const bare = await page.locator(".card:has(.chart, svg)").evaluateAll((cards) => cards.filter((card) => ![...card.querySelectorAll("button")].some((button) => button.textContent === "Numbers")).map((card) => card.innerText.slice(0, 60)));
    found.push(...bare.map((card) => `${name}: no numbers beside the chart: ${card}`));
    assert.deepEqual(wrong, [], `${name}`);
  }
  await close();
  assert.deepEqual(found, []);
}

export const light = (lab) => scheme(lab, "light");
export const dark = (lab) => scheme(lab, "dark");

export async function narrow(lab) {
  const { page, visit, wrong, close } = await lab.page({ width: 390, height: 844 });
  const found = [];
  for (const [name, hash] of pages(lab)) {
    await visit(hash);
    const wide = await page.evaluate(() => {
      const over = [...document.querySelectorAll("main *, header *")].filter((one) => !one.closest(".scroll, svg, .u-wrap, pre") && one.getBoundingClientRect().right > innerWidth + 1);
      return document.documentElement.scrollWidth > innerWidth ? `${document.documentElement.scrollWidth} wide: ${over.slice(0, 3).map((one) => one.outerHTML.slice(0, 100)).join("; ")}` : null;
    });
    if (wide) found.push(`${name}: ${wide}`);
    await shot(lab, page, `${name}-narrow`);
  }
  assert.deepEqual([...wrong, ...found], []);
  await close();
}

/** Dark on the screen, and dark ink on white paper all the same; what is only for the screen is left out. */
export async function print(lab) {
  const { page, visit, wrong, close } = await lab.page({ colorScheme: "dark", width: 794, height: 1123 });
  const found = [];
  for (const [name, hash] of pages(lab)) {
    await page.emulateMedia({ media: "screen", colorScheme: "dark" });
    await visit(hash);
    const before = await page.locator("main .chart, main svg, main table").count();
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.waitForTimeout(120);
    const paper = await page.evaluate(() => {
      const light = (colour) => { const [r, g, b] = colour.match(/[\d.]+/g).map(Number); return (r + g + b) / 765; };
      const seen = (one) => one.checkVisibility() && one.getBoundingClientRect().height > 0;
      return {
        ground: light(getComputedStyle(document.body).backgroundColor), ink: light(getComputedStyle(document.querySelector("h1")).color),
        words: document.querySelector("main").innerText.trim().length, parts: [...document.querySelectorAll("main .chart, main svg, main table")].filter(seen).length,
        controls: [...document.querySelectorAll(".bar input, .bar select, .tabs, .skip")].filter(seen).length,
        wide: document.documentElement.scrollWidth > innerWidth, cut: [...document.querySelectorAll(".scroll, pre")].filter((one) => seen(one) && one.scrollHeight > one.clientHeight + 2).length,
      };
    });
    await shot(lab, page, `${name}-print`);
    if (!(paper.ground > 0.9 && paper.ink < 0.3 && paper.words > 3 && paper.parts >= before && paper.controls === 0 && !paper.wide && paper.cut === 0)) found.push(`${name}: ${before} parts, on paper ${JSON.stringify(paper)}`);
  }
  assert.deepEqual([...wrong, ...found], []);
  await close();
}

export async function nothing_moves_for_those_who_asked(lab) {
  const moving = async (reducedMotion) => {
    const { page, visit, close } = await lab.page({ reducedMotion });
    await visit(`#/${lab.project}`);
    const moves = await page.evaluate(() => document.getAnimations().length);
    await close();
    return moves;
  };
  assert.equal(await moving("reduce"), 0);
  assert.ok((await moving("no-preference")) > 0, "a run that goes on is seen to go on");
}

export async function the_theme_is_chosen(lab) {
  const { page, visit, settled, wrong, close } = await lab.page();
  await visit("#/");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByLabel("Theme").selectOption("dark");
  const dark = await ground();
  assert.notEqual(light, dark);
  await page.reload();
  await settled();
  assert.equal(await ground(), dark);
  assert.deepEqual(wrong, []);
  await close();
}
