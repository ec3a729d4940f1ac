// Anna opens what somebody guards, signs in on the way there, and arrives; once more, and nobody asks.
// Usage: node onward.mjs WANTED_URL SCREENS_FOLDER MODULES_FOLDER MAILBOX_URL EXPECTED_TEXT [SIGN_OUT_URL]
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const [wanted, screens, modules, mailbox, expected, signOut] = process.argv.slice(2);
const { chromium } = createRequire(join(modules, "package.json"))("playwright-core");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});

async function arrive(javaScriptEnabled) {
  const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 800, height: 700 } });
  const page = await context.newPage();
  await page.goto(wanted);
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password or PIN").fill("apple pie");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Check your mail" }).waitFor();
  const code = await (await fetch(mailbox)).text();
  await page.getByLabel("Code").fill(`${code.slice(0, 3)}-${code.slice(3)}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.href.startsWith(wanted), { timeout: 20_000 });
  const text = async () => (await page.locator("body").innerText()).replace(/\s+/g, " ").trim();
  assert.equal(await text(), expected);
  await page.screenshot({ path: join(screens, "onward.png") });
  if (!signOut) return context.close();

  assert.equal(page.url(), wanted, "no ticket stays in the address");
  await page.reload();
  assert.equal(await text(), expected, "the session goes on");
  await page.goto(signOut);
  await page.getByLabel("User name").waitFor();
  await page.goto(wanted);
  await page.getByLabel("User name").waitFor();
  await context.close();
}

try {
  await arrive(true);
} finally {
  await browser.close();
}
