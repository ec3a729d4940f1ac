// Alice signs in with a real browser: with and without JavaScript, wide and narrow, light and dark.
// Usage: node signin.mjs BASE_URL SCREENS_FOLDER MODULES_FOLDER
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, screens, modules] = process.argv.slice(2);
const { chromium } = createRequire(join(modules, "package.json"))("playwright-core");
mkdirSync(screens, { recursive: true });

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

const complaints = [];

async function visit(options, work) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => {
    // A refusal is answered with a status of its own, which the browser calls an error.
    const isStatus = /the server responded with a status of (410|422)/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isStatus) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  await work(page);
  await context.close();
}

const mails = async () => (await fetch(`${base}/mailbox.json`)).json();

async function shoot(page, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, `${name} scrolls sideways by ${overflow}px`);
  await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true, animations: "disabled" });
}

async function enter(page, name, password) {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function withScript(page, tag) {
  await page.goto(`${base}/`);
  await shoot(page, `${tag}-signin`);
  await enter(page, "alice", "not demo");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("User name").inputValue(), "alice", "the tab remembers the name");
  await shoot(page, `${tag}-refused`);

  // By keyboard alone.
  await page.getByLabel("Password").focus();
  await page.keyboard.type("demo");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/signin/code/*");
  assert.equal(await page.evaluate(() => document.activeElement.id), "code");
  assert.match(await page.locator("#clock").textContent(), /another [0-2]:\d\d/);
  const line = page.locator(".mail .code").first();
  await line.waitFor();
  await shoot(page, `${tag}-code`);

  const before = (await mails()).length;
  await page.reload();
  await page.reload();
  assert.equal((await mails()).length, before, "a reload sends nothing");
  assert.ok(await page.getByRole("button", { name: /Send again in/ }).isDisabled());

  await page.getByLabel("Code").fill("000000");
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("alert").textContent(), "The code is incorrect or has expired.");
  await shoot(page, `${tag}-wrong`);

  await line.waitFor();
  const code = (await line.textContent()).trim();
  await page.getByLabel("Code").fill(` ${code.slice(0, 3)} ${code.slice(3)} `);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  await shoot(page, `${tag}-done`);

  await page.goBack();
  await page.getByRole("heading", { name: "This sign-in has ended" }).waitFor();
  await shoot(page, `${tag}-ended`);
  await page.goto(`${base}/mailbox`);
  await page.locator(".mail").first().waitFor();
  await page.getByText("Headers").first().click();
  await shoot(page, `${tag}-mailbox`);
}

async function withoutScript(page, tag) {
  await page.goto(`${base}/`);
  await shoot(page, `${tag}-signin`);
  await enter(page, "alice", "demo");
  await page.getByText(/The code works until \d\d:\d\d:\d\d UTC/).waitFor();
  await shoot(page, `${tag}-code`);
  await page.getByRole("button", { name: "Send again" }).click();
  await page.getByText("Not sent again yet.").waitFor();

  const inbox = await page.context().newPage();
  await inbox.goto(`${base}/mailbox`);
  await inbox.locator(".mail .code").first().waitFor({ timeout: 10_000 });
  await shoot(inbox, `${tag}-mailbox`);
  const code = (await inbox.locator(".mail .code").first().textContent()).trim();
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  await shoot(page, `${tag}-done`);
}

/** The clock of the page runs ahead: the button wakes up, the server still says not yet, the code dies. */
async function time(page) {
  await page.clock.install();
  await page.goto(`${base}/`);
  await page.getByRole("button", { name: "alice" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL("**/signin/code/*");
  await page.clock.runFor(31_000);
  await page.getByRole("button", { name: "Send again", exact: true }).click();
  await page.getByText("Not sent again yet.").waitFor();
  await page.clock.runFor(121_000);
  await page.getByText("This code has expired.").waitFor();
  assert.ok(await page.getByLabel("Code").isHidden());
  await shoot(page, "expired");
  await page.getByRole("link", { name: "Start again" }).click();
  await page.getByLabel("User name").waitFor();
}

try {
  const wide = { width: 1280, height: 900 };
  const narrow = { width: 320, height: 640 };
  await visit({ viewport: wide }, (page) => withScript(page, "1280"));
  await visit({ viewport: narrow, colorScheme: "dark" }, (page) => withScript(page, "320-dark"));
  await visit({ viewport: narrow, javaScriptEnabled: false }, (page) => withoutScript(page, "320-plain"));
  await visit({ viewport: wide, colorScheme: "dark", javaScriptEnabled: false }, (page) => withoutScript(page, "1280-dark-plain"));
  await visit({ viewport: wide }, time);
  assert.deepEqual(complaints, [], "the browser has nothing to complain about");
} finally {
  await browser.close();
}
