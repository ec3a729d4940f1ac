// What people do at the pages, and what must come of it, with and without JavaScript: back, reload, a second tab,
// five wrong codes, too late, once more, enrolling, wrong passwords at each level of privacy.
// Usage: node habits.mjs BASE_URL SCREENS_FOLDER MODULES_FOLDER DESK_URL
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, screens, modules, desk] = process.argv.slice(2);
const { chromium } = createRequire(join(modules, "package.json"))("playwright-core");
mkdirSync(screens, { recursive: true });

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});

/** Asks the test: it keeps the clock, the people and the mails. */
const ask = async (path) => (await fetch(`${desk}${path}`)).text();
const mails = async (name) => Number(await ask(`count/${name}@example.org`));

async function visit(tag, javaScriptEnabled, work) {
  const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 800, height: 700 } });
  const page = await context.newPage();
  await work(page, tag, context);
  await context.close();
}

async function enter(page, name, password = "right") {
  await page.goto(`${base}/`);
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function answer(page, code, button = "Sign in") {
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: button, exact: true }).click();
}

const wrong = (code) => (code === "000000" ? "000001" : "000000");
const done = (page) => page.getByRole("heading", { name: "You are signed in" }).waitFor();
const asked = (page) => page.getByRole("heading", { name: "Check your mail" }).waitFor();

/** Looking is free: nothing but the first step and the button ever sends a mail. */
async function lookAround(page, tag, context) {
  const name = `looker-${tag}`;
  await ask(`enrolled/${name}`);
  await enter(page, name);
  await asked(page);
  const code = await ask(`code/${name}@example.org/1`);
  const here = page.url();
  for (let turn = 0; turn < 2; turn += 1) await page.reload();
  await page.goBack();
  await page.goForward();
  await asked(page);
  const second = await context.newPage();
  await second.goto(here);
  await asked(second);
  await second.goto(`${base}/`);
  await second.goBack();
  await asked(second);
  assert.equal(await mails(name), 1, "back, reload and a second tab send nothing");
  await answer(second, code);
  await done(second);
  await answer(page, code);
  await page.getByRole("heading", { name: "This sign-in has ended" }).waitFor();
  await second.reload();
  await done(second);
  assert.equal(await mails(name), 1);
}

async function fiveWrongCodes(page, tag) {
  const name = `guesser-${tag}`;
  await ask(`enrolled/${name}`);
  await enter(page, name);
  await asked(page);
  const code = await ask(`code/${name}@example.org/1`);
  for (let turn = 1; turn <= 5; turn += 1) {
    await answer(page, wrong(code));
    await page.getByRole("alert").getByText("The code is incorrect or has expired.").waitFor();
    const over = await page.getByRole("heading", { name: "This sign-in has ended" }).count();
    assert.equal(over, turn === 5 ? 1 : 0, `after ${turn} wrong codes`);
  }
  await page.screenshot({ path: join(screens, `${tag}-five-wrong.png`) });
  await page.goBack();
  if (await page.getByLabel("Code").count()) {
    await answer(page, code);
    await page.getByRole("heading", { name: "This sign-in has ended" }).waitFor();
  }
  assert.equal(await mails(name), 1);
}

async function tooLate(page, tag) {
  const name = `late-${tag}`;
  await ask(`enrolled/${name}`);
  await enter(page, name);
  await asked(page);
  const code = await ask(`code/${name}@example.org/1`);
  await ask("advance/120");
  await answer(page, code);
  await page.getByRole("heading", { name: "This sign-in has ended" }).waitFor();
  await page.screenshot({ path: join(screens, `${tag}-too-late.png`) });
  await enter(page, name);
  await asked(page);
  await answer(page, await ask(`code/${name}@example.org/2`));
  await done(page);
}

async function onceMore(page, tag) {
  const name = `patient-${tag}`;
  await ask(`enrolled/${name}`);
  if (tag === "script") await page.clock.install();
  await enter(page, name);
  await asked(page);
  const code = await ask(`code/${name}@example.org/1`);
  await ask("advance/31");
  if (tag === "script") await page.clock.runFor(31_000);
  await page.getByRole("button", { name: "Send again", exact: true }).click();
  await page.getByText("once more").waitFor();
  assert.equal(await ask(`code/${name}@example.org/2`), code, "the same code");
  await page.reload();
  assert.equal(await mails(name), 2, "a reload after the button sends nothing");
  await answer(page, code);
  await done(page);
}

async function enroll(page, tag) {
  for (const [name, address, choose] of [
    [`lister-${tag}`, `lister-${tag}@example.org`, async () => {}],
    [`mover-${tag}`, `mover-${tag}@home.example`, async () => {
      await page.getByLabel("To another address").check();
      await page.getByLabel("Another address", { exact: true }).fill(`mover-${tag}@home.example`);
    }],
  ]) {
    await ask(`person/${name}`);
    await enter(page, name);
    await page.waitForURL("**/enroll");
    await choose();
    await page.getByRole("button", { name: "Send code" }).click();
    await page.waitForURL("**/enroll/code/*");
    const code = await ask(`code/${address}/1`);
    await page.reload();
    await page.goBack();
    await page.goForward();
    await answer(page, wrong(code), "Enroll and sign in");
    await page.getByText("The code is incorrect or has expired.").waitFor();
    assert.equal(Number(await ask(`count/${address}`)), 1, "looking sends nothing");
    await answer(page, code, "Enroll and sign in");
    await done(page);
    await enter(page, name);
    await asked(page);
    await answer(page, await ask(`code/${address}/2`));
    await done(page);
    await ask("advance/3600");
  }
}

/** What a wrong password tells somebody who is not enrolled, at each level; what a right one does. */
async function privacy(page, tag) {
  const name = `private-${tag}`;
  await ask(`person/${name}`);
  for (const [show, enrollment, isTold] of [
    ["always", "allow", true],
    ["always", "do-not-allow", true],
    ["if-enrollment-is-allowed", "allow", true],
    ["if-enrollment-is-allowed", "do-not-allow", false],
    ["never", "allow", false],
    ["never", "do-not-allow", false],
  ]) {
    await ask(`set/${show}/${enrollment}`);
    await enter(page, name, "wrong");
    if (isTold) await page.getByRole("alert").waitFor();
    else {
      await asked(page);
      await answer(page, "123456");
      await page.getByText("The code is incorrect or has expired.").waitFor();
    }
    await ask("advance/3600");
  }
  await enter(page, name);
  await page.getByText("Enrollment is disabled. Contact your system administrator.", { exact: true }).waitFor();
  await page.screenshot({ path: join(screens, `${tag}-closed.png`) });
  assert.equal(await mails(name), 0);
  await ask("set/never/allow");
}

try {
  for (const [tag, javaScriptEnabled] of [["script", true], ["plain", false]]) {
    for (const work of [lookAround, fiveWrongCodes, tooLate, onceMore, enroll, privacy]) {
      await visit(tag, javaScriptEnabled, work);
      await ask("advance/86400");
    }
  }
} finally {
  await browser.close();
}
