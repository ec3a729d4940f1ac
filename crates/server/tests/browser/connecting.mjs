// The page after a sign-in that lets people connect: in every language, wide and narrow, light and dark.
// Usage: node connecting.mjs BASE_URL SCREENS_FOLDER MODULES_FOLDER COOKIES
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, screens, modules, jar] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(screens, { recursive: true });

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
const cookies = jar.split("; ").map((pair) => ({ name: pair.slice(0, pair.indexOf("=")), value: pair.slice(pair.indexOf("=") + 1), url: base }));

/** Whether everybody can use the page: WCAG 2.2 A and AA, as far as a program can tell. */
async function judge(page, name) {
  await page.evaluate(axe);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), tags);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(found, [], `${name} is not for everybody`);
}

async function look(language, size, options) {
  const name = `connecting-${language}-${size}`;
  const context = await browser.newContext(options);
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.goto(`${base}/signin/done?lang=${language}`);
  const door = page.locator("#door");
  if (options.javaScriptEnabled === false) {
    assert.match(await door.textContent(), / 3:00 minut/i, name);
  } else {
    await page.waitForFunction(() => / 2:5\d minut/i.test(document.querySelector("#door").textContent));
    await judge(page, name);
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, `${name} scrolls sideways by ${overflow}px`);
  await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true, animations: "disabled" });
  if (size === "over") {
    // The minutes pass in the page, without asking anybody.
    await page.evaluate(() => { document.querySelector("#door").dataset.left = "1"; });
    await page.getByText("Sign in again before you open it.").waitFor();
    await judge(page, name);
    await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true, animations: "disabled" });
  }
  await context.close();
}

for (const language of ["en", "de", "fr", "es"]) {
  await look(language, "wide", { viewport: { width: 1280, height: 800 } });
  await look(language, "narrow", { viewport: { width: 320, height: 700 }, colorScheme: "dark" });
  await look(language, "plain", { viewport: { width: 800, height: 700 }, javaScriptEnabled: false });
}
await look("en", "over", { viewport: { width: 800, height: 700 } });
await browser.close();
