// The dashboard in a real browser: `node main.mjs '{"seed": ..., "browser": ..., "packages": ..., "shots": ..., "quick": true, "only": ""}'`.
import { open } from "./lab.mjs";
import * as content from "./checks/content.mjs";
import * as guard from "./checks/guard.mjs";
import * as keyboard from "./checks/keyboard.mjs";
import * as links from "./checks/links.mjs";
import * as live from "./checks/live.mjs";
import * as looks from "./checks/looks.mjs";
import * as numbers from "./checks/numbers.mjs";

const settings = JSON.parse(process.argv[2]);
const lab = await open(settings);
let failed = 0;
try {
  for (const [file, checks] of Object.entries({ guard, content, links, numbers, live, keyboard, looks })) {
    for (const [name, check] of Object.entries(checks)) {
      if (!`${file}.${name}`.includes(settings.only)) continue;
      const start = performance.now();
      let said;
      try {
        said = await check(lab);
      } catch (error) {
        failed += 1;
        said = `FAILED\n${error.message}\n${error.stack?.split("\n").filter((line) => line.includes("tests/browser")).join("\n")}`;
      }
      console.log(`${file}.${name} ${((performance.now() - start) / 1000).toFixed(1)} s ${said ?? ""}`);
    }
  }
} finally {
  await lab.close();
}
process.exitCode = failed ? 3 : 0;
