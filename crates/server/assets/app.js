// Comfort for pages that work without it. All text goes through textContent.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  };

  // A form is sent once: the second of two clicks would answer a code that is used already.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => all("form").forEach((form) => delete form.dataset.sent));

  // After a refusal the page repeats no name; the tab remembers it.
  const name = one("#start #name");
  const password = one("#start #password");
  if (name) {
    one("#start").addEventListener("submit", () => sessionStorage.setItem("name", name.value));
    const kept = sessionStorage.getItem("name");
    sessionStorage.removeItem("name");
    if (kept && one("#refused") && !name.value) {
      name.value = kept;
      if (password) password.focus();
    }
  }

  for (const button of all("[data-fill]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      name.value = button.dataset.fill;
      if (password) password.value = "demo";
      one("#start .button").focus();
    });
  }

  // The life of the code, and when the mail may be asked for again.
  const clock = one("#clock");
  const again = one("[data-wait]");
  const sendAgain = again && again.textContent;
  const from = Date.now();
  const minutes = (left) => `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const tick = () => {
    const passed = Date.now() - from;
    const left = Math.ceil((Number(clock.dataset.left) - passed) / 1000);
    if (left <= 0) return expire();
    clock.textContent = clock.dataset.text.replace("{}", minutes(left));
    if (again) {
      const wait = Math.ceil((Number(again.dataset.wait) - passed) / 1000);
      again.disabled = wait > 0;
      again.textContent = wait > 0 ? again.dataset.text.replace("{}", wait) : sendAgain;
    }
    setTimeout(tick, 1000 - (passed % 1000));
  };
  const expire = () => {
    one("#code-form").hidden = true;
    if (one("#resend")) one("#resend").hidden = true;
    if (one("#said")) one("#said").hidden = true;
    one("#expired").textContent = one("#expired").dataset.text;
    one(".also").parentElement.classList.add("is-over");
    one(".also a").className = "button";
  };
  if (clock) tick();

  // How long somebody may connect yet.
  const door = one("#door");
  const wait = () => {
    const passed = Date.now() - from;
    const left = Math.ceil((Number(door.dataset.left) - passed) / 1000);
    door.textContent = left > 0 ? door.dataset.text.replace("{}", minutes(left)) : door.dataset.over;
    if (left > 0) setTimeout(wait, 1000 - (passed % 1000));
  };
  if (door) wait();

  // The demonstration's mailbox.
  const mails = one("[data-mails]");
  const isCode = (line) => /^\s*\d{4,20}\s*$/.test(line);
  const part = (title, text) => {
    const details = document.createElement("details");
    details.append(make("summary", "", title), make("pre", "", text));
    return details;
  };
  const card = (mail, key) => {
    const article = make("article", "mail is-new", "");
    article.dataset.key = key;
    const time = new Date(mail.received_at).toLocaleTimeString();
    const text = make("div", "text", "");
    const lines = mail.text.trimEnd().split("\n");
    text.append(...lines.map((line) => make("div", isCode(line) ? "code" : "", line)));
    article.append(make("whole" in mails.dataset ? "h2" : "h3", "", mail.subject), make("p", "soft", `to ${mail.to}, ${time}`), text);
    if ("whole" in mails.dataset) {
      const headers = Object.entries(mail.headers).map(([header, value]) => `${header}: ${value}`);
      if (mail.html) article.append(part("HTML part", mail.html));
      article.append(part("Headers", headers.join("\n")));
    }
    return article;
  };
  const arrived = (list) => {
    const most = Number(mails.dataset.most);
    const known = new Set([...mails.children].map((child) => child.dataset.key));
    for (const mail of list.slice(0, most).reverse()) {
      const key = `${mail.received_at} ${mail.to}`;
      if (known.has(key)) continue;
      if (one(".empty")) one(".empty").remove();
      mails.prepend(card(mail, key));
    }
    while (mails.children.length > most) mails.lastElementChild.remove();
  };
  const poll = async () => {
    let pause = 1000;
    try {
      if (!document.hidden) arrived(await (await fetch(mails.dataset.mails)).json());
    } catch {
      pause = 5000;
    }
    setTimeout(poll, pause);
  };
  if (one(".mailbox .empty")) one(".mailbox .empty").textContent = "No mail yet. Sign in as alice, and her code arrives here.";
  if (mails) poll();
})();
