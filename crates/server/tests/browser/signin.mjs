// Alice signs in with a real browser: with and without JavaScript, wide and narrow, light and dark.
// Bob enrolls first; Carol, Dave and Erin see what is meant for them.
// Usage: node signin.mjs BASE_URL SCREENS_FOLDER MODULES_FOLDER
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, screens, modules] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
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
  page.canBeJudged = options.javaScriptEnabled !== false;
  page.on("console", (message) => {
    // A refusal is answered with a status of its own, which the browser calls an error.
    const isStatus = /the server responded with a status of (403|404|410|422)/.test(message.text());
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
  // Not half dressed: a heading is there before the last sheet of styles is.
  await page.waitForLoadState("load");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, `${name} scrolls sideways by ${overflow}px`);
  if (page.canBeJudged) await judge(page, name);
  await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true, animations: "disabled" });
}

/** Whether everybody can use the page: WCAG 2.2 A and AA, as far as a program can tell. */
async function judge(page, name) {
  // A mail that arrives meanwhile fades in, and half faded in it is hard to read.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  await page.evaluate(axe);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), tags);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(found, [], `${name} is not for everybody`);
}

async function enter(page, name, password) {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function withScript(page, tag) {
  await page.goto(`${base}/`);
  await shoot(page, `${tag}-signin`);
  await enter(page, "erin", "not demo");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("User name").inputValue(), "erin", "the tab remembers the name");
  await shoot(page, `${tag}-refused`);

  // By keyboard alone.
  await page.getByLabel("User name").fill("alice");
  await page.getByLabel("Password").focus();
  await page.keyboard.type("demo");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/signin/code/*");
  // The browser gives a field the focus when it draws the page, which is after it has loaded.
  await page.waitForFunction(() => document.activeElement.id === "code");
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

/** Bob is not enrolled: he chooses an address, proves it, and signs in with it from then on. */
async function enroll(page, tag) {
  await page.goto(`${base}/`);
  await page.getByRole("button", { name: "bob" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL("**/enroll");
  await page.getByText("b•••@demo.example").waitFor();
  await shoot(page, `${tag}-enroll`);
  await page.getByLabel("To another address").check();
  await page.getByLabel("Another address", { exact: true }).fill("bob@127.0.0.1");
  await page.getByRole("button", { name: "Send code" }).click();
  await page.getByText("That is not a valid address.").waitFor();
  await shoot(page, `${tag}-enroll-refused`);
  const before = (await mails()).length;
  await page.getByLabel("Another address", { exact: true }).fill("bob@home.example");
  await page.getByRole("button", { name: "Send code" }).click();
  await page.waitForURL("**/enroll/code/*");
  await page.getByText("b•••@home.example").waitFor();
  await page.locator(".mail .code").first().waitFor();
  await shoot(page, `${tag}-enroll-code`);
  await page.reload();
  assert.equal((await mails()).length, before + 1, "a reload sends nothing");
  await page.getByLabel("Code").fill(await newest("bob@home.example"));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  await page.getByText("it is enrolled now").waitFor();
  await shoot(page, `${tag}-enrolled`);

  await page.goto(`${base}/`);
  await enter(page, "bob", "demo");
  await page.waitForURL("**/signin/code/*");
  await page.getByLabel("Code").fill(await newest("bob@home.example", 2));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
}

/** The code in the newest of at least so many mails to an address. */
async function newest(address, count = 1) {
  for (let turn = 0; turn < 100; turn += 1) {
    const own = (await mails()).filter((mail) => mail.to === address);
    if (own.length >= count) return own[0].text.match(/^\d{6}$/m)[0];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${count} mails to ${address}`);
}

/** What the others see. */
async function others(page) {
  await page.goto(`${base}/`);
  await enter(page, "carol", "demo");
  await page.getByText("Enrollment is disabled. Contact your system administrator.", { exact: true }).waitFor();
  await shoot(page, "carol");
  for (const [name, password] of [["dave", "demo"], ["carol", "not demo"], ["zoe", "demo"]]) {
    await page.goto(`${base}/`);
    await enter(page, name, password);
    await page.getByRole("heading", { name: "Check your mail" }).waitFor();
    await page.getByLabel("Code").fill("123456");
    await page.keyboard.press("Enter");
    assert.equal(await page.getByRole("alert").textContent(), "The code is incorrect or has expired.");
  }
  await page.goto(`${base}/`);
  await enter(page, "erin", "demo");
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
}

/** Pages for what does not exist, and for a sign-in that is not there. */
async function lost(page, tag) {
  for (const [path, name] of [["/signin/nowhere", "nowhere"], ["/signin/done", "not-done"], ["/enroll", "not-enrolling"]]) {
    await page.goto(`${base}${path}`);
    await shoot(page, `${tag}-${name}`);
  }
}

/** Each language, by the browser's wish and by the address, from a telephone to a wall. */
async function languages() {
  const words = {
    de: ["Benutzername", "Passwort", "Weiter", "Sehen Sie in Ihr Postfach", /Der Code gilt noch [0-2]:\d\d/],
    fr: ["Nom d’utilisateur", "Mot de passe", "Continuer", "Consultez votre messagerie", /encore valable [0-2]:\d\d/],
    es: ["Nombre de usuario", "Contraseña", "Continuar", "Consulte su correo", /es válido durante [0-2]:\d\d más/],
  };
  const sizes = { de: { width: 320, height: 640 }, fr: { width: 768, height: 1024 }, es: { width: 3840, height: 2160 } };
  for (const [tag, [name, password, next, title, clock]] of Object.entries(words)) {
    const colorScheme = tag === "fr" ? "light" : "dark";
    await visit({ viewport: sizes[tag], locale: `${tag}-XX`, colorScheme }, async (page) => {
      await page.goto(`${base}/`);
      assert.equal(await page.getAttribute("html", "lang"), tag);
      await shoot(page, `${tag}-signin`);
      await page.goto(`${base}/signin/default?lang=${tag}`);
      await page.getByLabel(name).fill("carol");
      await page.getByLabel(password).fill("demo");
      await page.getByRole("button", { name: next }).click();
      await page.waitForURL(`**lang=${tag}`);
      await shoot(page, `${tag}-told`);
      await page.goto(`${base}/signin/default?lang=${tag}`);
      await page.getByLabel(name).fill("zoe");
      await page.getByLabel(password).fill("demo");
      await page.getByRole("button", { name: next }).click();
      await page.getByRole("heading", { name: title }).waitFor();
      assert.match(await page.locator("#clock").textContent(), clock);
      await shoot(page, `${tag}-code`);
    });
  }
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
  await page.clock.resume();
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
  await visit({ viewport: narrow }, (page) => enroll(page, "320"));
  await visit({ viewport: wide }, others);
  await visit({ viewport: wide, colorScheme: "dark" }, (page) => lost(page, "dark"));
  await visit({ viewport: narrow }, (page) => lost(page, "light"));
  await languages();
  await visit({ viewport: wide }, time);
  assert.deepEqual(complaints, [], "the browser has nothing to complain about");
} finally {
  await browser.close();
}
