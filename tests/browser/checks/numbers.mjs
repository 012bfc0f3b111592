// What a chart shows is what the program answers.
import assert from "node:assert/strict";

const same = (text, value) => (value === null || value === undefined ? text === "–" : value === "nan" ? text === "NaN" : Number(text) === value);

async function rows(page, card) {
  await card.getByRole("button", { name: "Numbers" }).click();
  const all = card.getByRole("button", { name: /^Show all/ });
  if (await all.count()) await all.click();
  // A rounded number has the whole one as its title.
  return card.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.title || cell.innerText.replaceAll(",", ""))));
}

export async function the_table_of_a_chart_is_the_series(lab) {
  const { page, visit, wrong, close } = await lab.page();
  for (const [run, name, buckets] of [[lab.runs.done, "train.loss", 600], [lab.runs.curves[1], "train.loss", 600], [lab.runs.million, "train.loss", 600]]) {
    await visit(`#/${lab.project}/run/${run}/curves?name=${name}`);
    const shown = await rows(page, page.locator(`[data-name="${name}"]`));
    const series = await lab.api(`projects/${lab.project}/runs/${run}/series?name=${name}&buckets=${buckets}`);
    assert.equal(shown.length, series.step.length);
    shown.forEach(([step, last, low, high], index) => {
      assert.ok(same(step, series.step[index]) && same(last, series.last[index]), `${name} ${index}: ${step} ${last}, not ${series.step[index]} ${series.last[index]}`);
      if (series.sampled) assert.ok(same(low, series.min[index]) && same(high, series.max[index]), `${name} ${index}: ${low} ${high}`);
    });
  }
  const million = await lab.api(`projects/${lab.project}/runs/${lab.runs.million}/series?name=train.loss&buckets=600`);
  assert.equal(Math.max(...million.max), 9, "a point that stands out among a million is seen");
  assert.deepEqual(wrong, []);
  await close();
}

export async function the_table_of_runs_is_the_list(lab) {
  const { page, visit, close } = await lab.page();
  await visit(`#/${lab.project}?columns=train.loss`);
  const { runs } = await lab.api(`projects/${lab.project}/runs`);
  const shown = await page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [row.querySelector("a").hash.split("/").pop(), row.cells[row.cells.length - 1].title || row.cells[row.cells.length - 1].innerText]));
  assert.equal(shown.length, runs.length);
  for (const [id, loss] of shown) assert.ok(same(loss, runs.find((run) => run.id === id).summary["train.loss"]?.last), `${id}: ${loss}`);
  await close();
}
