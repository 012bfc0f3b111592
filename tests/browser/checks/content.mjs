// What the record holds is on the page, as text.
import assert from "node:assert/strict";

export async function dropped_rows_are_shown_as_text(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.done}/data`);
  await page.getByText("Examples of text_length_filter").click();
  await page.getByText("too short 3").waitFor();
  assert.equal(await page.locator("details[open] tbody tr").count(), 10);
  await page.getByRole("button", { name: "Show all 12 rows" }).click();
  assert.equal(await page.locator("details[open] tbody tr").count(), 12);
  await page.getByText("Examples of document_deduplicator: duplicates").click();
  await page.getByText("The same <b>text</b>").first().waitFor();
  assert.equal(await page.locator("main td b").count(), 0, "what is in the data is no markup");
  await page.getByText("Rows that process could not use").click();
  await page.getByText("field `text` is a number").waitFor();
  assert.deepEqual(wrong, []);
  await close();
}

export async function pools_are_ranked_with_their_intervals(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.done}/data`);
  const table = page.getByRole("region", { name: "Leaderboard of the data pools" });
  const rows = await table.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText)));
  assert.deepEqual(rows.map((row) => [row[0], row[4], row[5]]), [["medium", "2.23", "2.21 to 2.251"], ["long", "2.27", "2.25 to 2.291"], ["short", "2.41", "2.39 to 2.431"]]);
  await page.getByLabel("Better is").selectOption("more");
  assert.equal(await table.locator("tbody tr td").first().innerText(), "short");
  assert.deepEqual(wrong, []);
  await close();
}

export async function the_whole_of_a_log_can_be_read(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.done}/log?of=${lab.log}`);
  const text = page.getByRole("region", { name: "What train printed" });
  assert.ok(!(await text.textContent()).includes("INFO step 0 "));
  await page.getByRole("button", { name: "Show earlier" }).click();
  await page.waitForFunction(() => document.querySelector(".log").textContent.startsWith("INFO step 0 loss 4.0000\n"));
  assert.equal((await text.textContent()).trimEnd().split("\n").length, 3000);
  await page.getByLabel("Find").fill("STEP 1234 ");
  await page.keyboard.press("Enter");
  await page.locator("td .mono").first().waitFor();
  assert.deepEqual(await page.locator("td .mono").allInnerTexts(), ["INFO step 1234 loss 0.0032"]);
  assert.deepEqual(wrong, []);
  await close();
}

export async function what_settings_are_worth_and_what_was_made_from_what(lab) {
  const { page, visit, wrong, close } = await lab.page();
  await visit(`#/${lab.project}/run/${lab.runs.sweep}/sweep`);
  const card = page.locator(".card", { hasText: "Which settings mattered" });
  await card.getByRole("button", { name: "Numbers" }).click();
  const { settings } = await lab.api(`projects/${lab.project}/runs/${lab.runs.sweep}/importance?metric=eval.loss`);
  const best = settings.reduce((best, one) => (one.share > best.share ? one : best));
  assert.equal(best.name, "trial.lr");
  assert.equal(await card.locator("tbody tr td").first().innerText(), best.name);
  await visit(`#/${lab.project}/run/${lab.runs.done}/overview`);
  const { edges } = await lab.api(`projects/${lab.project}/runs/${lab.runs.done}/lineage`);
  assert.equal(edges.length, 4);
  const made = page.locator(".card", { hasText: "by their content" });
  await made.getByRole("button", { name: "Numbers" }).click();
  assert.equal(await made.locator("tbody tr").count(), edges.length);
  assert.deepEqual(wrong, []);
  await close();
}
