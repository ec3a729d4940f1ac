// An administrator works at the console with a real browser: wide and narrow, light and dark, with and
// without JavaScript. Usage: node console.mjs BASE_URL SCREENS_FOLDER MODULES_FOLDER PASSWORD
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, screens, modules, password] = process.argv.slice(2);
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
    const isStatus = /the server responded with a status of 422/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isStatus) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  await work(page);
  await context.close();
}

async function shoot(page, name) {
  // Not half dressed: a heading is there before the last sheet of styles is.
  await page.waitForLoadState("load");
  const seen = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: document.querySelectorAll("h1").length,
    unnamed: [...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((field) => !field.labels.length).length,
  }));
  assert.deepEqual(seen, { overflow: 0, headings: 1, unnamed: 0 }, name);
  if (page.canBeJudged) await judge(page, name);
  await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true, animations: "disabled" });
}

/** Whether everybody can use the page: WCAG 2.2 A and AA, as far as a program can tell. */
async function judge(page, name) {
  await page.evaluate(axe);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), tags);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(found, [], `${name} is not for everybody`);
}

async function signIn(page, tag) {
  await page.goto(`${base}/console`);
  assert.equal(new URL(page.url()).pathname, "/console/signin");
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill("not it");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await shoot(page, `${tag}-console-refused`);
  const planted = await page.context().cookies();
  assert.ok(!planted.some((cookie) => cookie.name.endsWith("otpost-console")));
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const [cookie] = (await page.context().cookies()).filter((cookie) => cookie.name.endsWith("otpost-console"));
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Strict", "/"]);
}

async function work(page, tag) {
  await signIn(page, tag);
  await shoot(page, `${tag}-console-overview`);

  await page.getByLabel("Name or address").fill("dyer");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "dave" }).click();
  await page.getByRole("heading", { name: /^dave (locked|enrolled)/ }).waitFor();
  await shoot(page, `${tag}-console-person`);
  await page.getByRole("button", { name: "Unlock everything" }).click();
  await page.getByRole("status").waitFor();
  await page.getByRole("heading", { name: /^dave enrolled/ }).waitFor();
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("heading", { name: /^dave disabled/ }).waitFor();
  await shoot(page, `${tag}-console-person-disabled`);
  await page.getByRole("button", { name: "Enable" }).click();
  await page.getByText("Enrollment switched on").first().waitFor();
  await page.getByText("Revoke…").click();
  await page.getByRole("button", { name: /^Revoke PIEM/ }).waitFor();
  await shoot(page, `${tag}-console-person-revoke`);

  await page.getByRole("link", { name: "People", exact: true }).first().click();
  await shoot(page, `${tag}-console-people`);
  await page.getByRole("link", { name: "Audit trail" }).click();
  await page.getByText("Person unlocked").first().waitFor();
  await shoot(page, `${tag}-console-audit`);

  await page.getByRole("link", { name: "Mail relays" }).click();
  await page.getByLabel("Send a test mail to").fill("desk@demo.example");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("accepted the test mail").waitFor();
  await shoot(page, `${tag}-console-relays`);
  await page.getByRole("link", { name: "New mail relay" }).click();
  await page.getByLabel("Name", { exact: true }).fill("spare");
  await page.getByLabel("Server", { exact: true }).fill("169.254.169.254");
  await page.getByLabel("Sender").fill("otp@demo.example");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText(/a host name or an address that mail can be sent to is allowed/).waitFor();
  await shoot(page, `${tag}-console-relay-refused`);
  await page.getByRole("link", { name: "All mail relays" }).click();
  await page.getByRole("link", { name: "Settings" }).click();
  await shoot(page, `${tag}-console-settings`);

  // Twice is enough: wide and light, narrow and dark.
  if (tag !== "700-dark") await providersAndThemes(page, tag);

  await page.goto(`${base}/openapi`);
  await page.getByText("/validate/check").first().click();
  await shoot(page, `${tag}-openapi`);
  await page.goto(`${base}/console`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/console/signin");
  await page.goBack();
  await page.waitForURL("**/console/signin");
}

/** A provider is made, picked by a theme, changed wrongly and rightly, copied, and deleted with the theme. */
async function providersAndThemes(page, tag) {
  const [provider, theme] = [`Guests ${tag}`, `guests-${tag}`];
  await page.getByLabel("Console").getByRole("link", { name: "Providers" }).click();
  await shoot(page, `${tag}-console-providers`);
  await page.getByRole("link", { name: "New provider" }).click();
  await shoot(page, `${tag}-console-provider-new`);
  await page.getByLabel("Name", { exact: true }).fill(provider);
  await page.getByLabel("Display name").fill("Codes for guests");
  await page.getByLabel("Digits of a code").fill("3");
  await page.getByLabel("Text of the mail").fill("no code");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("the code length must be between 4 and 20, got 3").waitFor();
  await page.getByText("put %OTP% in the content or the subject").waitFor();
  await shoot(page, `${tag}-console-provider-refused`);
  await page.getByLabel("Digits of a code").fill("8");
  await page.getByLabel("Text of the mail").fill("Code:\n%OTP%");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("status").waitFor();
  assert.equal(await page.getByLabel("Digits of a code").inputValue(), "8");
  assert.equal(await page.getByLabel("Text of the mail").inputValue(), "Code:\n%OTP%");

  await page.getByLabel("Console").getByRole("link", { name: "Themes" }).click();
  await shoot(page, `${tag}-console-themes`);
  await page.getByRole("link", { name: "New theme" }).click();
  await page.getByLabel("Name", { exact: true }).fill(theme);
  await page.getByLabel("Provider").selectOption({ label: provider });
  await page.getByLabel("Where people may be sent on to").fill("http://app.example.org/");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText(/^line 1: /).waitFor();
  await shoot(page, `${tag}-console-theme-refused`);
  await page.getByLabel("Where people may be sent on to").fill("https://app.example.org/");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("status").waitFor();
  await shoot(page, `${tag}-console-theme`);

  await page.getByRole("link", { name: provider }).click();
  await page.getByRole("link", { name: theme }).waitFor();
  await page.getByLabel("Seconds a code lives").fill("60");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. It counts from now on.").waitFor();
  await page.getByText("Delete…").click();
  await shoot(page, `${tag}-console-provider`);
  await page.getByRole("button", { name: "Duplicate" }).click();
  await page.getByRole("heading", { name: `${provider} (2) off` }).waitFor();
  await remove(page, "provider");
  await page.getByRole("link", { name: provider }).click();
  await page.getByText("Delete…").click();
  await page.getByRole("button", { name: `Delete ${provider}` }).click();
  await page.getByText("is in use").waitFor();
  await page.goto(`${base}/console/themes`);
  await page.getByRole("link", { name: theme }).click();
  await remove(page, "theme");
  await page.goto(`${base}/console/providers`);
  await page.getByRole("link", { name: provider }).click();
  await remove(page, "provider");
}

async function remove(page, kind) {
  await page.getByText("Delete…").click();
  await page.getByRole("button", { name: /^Delete / }).click();
  await page.waitForURL(`**/console/${kind}s?said=deleted`);
}

try {
  const wide = { width: 1280, height: 900 };
  const narrow = { width: 320, height: 640 };
  await visit({ viewport: wide }, (page) => work(page, "1280"));
  await visit({ viewport: narrow, colorScheme: "dark", javaScriptEnabled: true }, (page) => work(page, "320-dark"));
  await visit({ viewport: { width: 700, height: 800 }, colorScheme: "dark" }, (page) => work(page, "700-dark"));
  assert.deepEqual(complaints, [], "the browser has nothing to complain about");
} finally {
  await browser.close();
}
