//! The stage of the replay: what the recording presumes was there, and which of our ids and codes
//! stand for the recorded ones.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use domain::name::RealmName;
use domain::provider::FirstFactor;
use otpost::config::ValidateMessages;
use otpost::demo::sink::ReceivedMail;
use otpost::store::realms::{self, Realm};
use otpost::store::relays;
use serde_json::Value;

use super::Recorded;
use super::order::{ANSWERED_LATER, CONTINUED};
use crate::app::{ADMIN_PASSWORD, Reply, TestApp, code_in};

/// The product as the recording presumes it.
pub struct Stage {
    test: TestApp,
    /// Recorded texts and what stands for them here.
    known: BTreeMap<String, String>,
    /// A token of the user, for the calls made with one.
    user_token: String,
    /// Mails that must have come by now.
    mails: usize,
}

impl Stage {
    /// Realm, users and tokens.
    pub async fn set() -> Self {
        let test = TestApp::start_with(|config| config.validate.messages = ValidateMessages::PrivacyIdea).await;
        for (name, is_default) in [("test", false), ("bench", true)] {
            let name = RealmName::parse(name).unwrap();
            let realm = Realm { name, is_default, first_factor: None, resolvers: vec!["local".to_owned()] };
            test.apply(realms::save_realm(&realm)).await;
        }
        for name in ["u000900", "u000901", "u000903", "u000904", "notoken", "special"] {
            test.add_user(name, "userpw").await;
        }
        let stage = Self { test, known: BTreeMap::new(), user_token: String::new(), mails: 0 };
        stage.admin("DELETE", "/realm/test", &[]).await;
        let fields = [("email.validtime", "120"), ("email.challenge_text", "Enter the OTP from the Email")];
        stage.admin("POST", "/system/setConfig", &fields).await;
        stage.enroll("u000900", "PIEM0005BA93", "pin1234").await;
        stage
    }

    async fn enroll(&self, user: &str, serial: &str, pin: &str) {
        let email = format!("{user}@example.test");
        let fields = [
            ("type", "email"),
            ("user", user),
            ("realm", "bench"),
            ("serial", serial),
            ("pin", pin),
            ("email", &email),
        ];
        let reply = self.test.admin("POST", "/token/init", &fields).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    async fn admin(&self, method: &str, path: &str, fields: &[(&str, &str)]) {
        let reply = self.test.admin(method, path, fields).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    }

    /// A first step; the recorded id and code stand for what came of it.
    async fn open(&mut self, id: &str, code: &str) {
        let reply = self.test.check(&[("user", "u000900"), ("pass", "pin1234")]).await;
        self.stand_for(&reply, id, code).await;
    }

    async fn stand_for(&mut self, reply: &Reply, id: &str, code: &str) {
        self.known.insert(id.to_owned(), reply.transaction());
        let own = self.newest_code(reply).await;
        self.known.insert(code.to_owned(), own);
    }

    /// The code of a challenge just opened or continued, once its mails have come.
    async fn newest_code(&mut self, reply: &Reply) -> String {
        let asked = reply.json()["detail"]["multi_challenge"].as_array().map_or(0, Vec::len);
        let is_new = reply.transaction() != self.known.get("newest").cloned().unwrap_or_default();
        self.known.insert("newest".to_owned(), reply.transaction());
        self.mails += if is_new { asked } else { 0 };
        let id = |mail: &ReceivedMail| mail.headers["Message-ID"].clone();
        for _ in 0..5_000 {
            let mut mails = self.test.sink.mails();
            // That an address was changed is told by mails without a code.
            mails.retain(|mail| !id(mail).contains("notice."));
            if mails.len() >= self.mails {
                // Mails may overtake each other: their ids tell the last one of this challenge.
                let own = mails.iter().filter(|mail| id(mail).contains(&reply.transaction()));
                return code_in(own.max_by_key(|mail| id(mail)).expect("a mail of this challenge"));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("{} mails and not {}", self.test.sink.mails().len(), self.mails);
    }

    /// Later budgets are full, failures forgotten and challenges over.
    fn days_later(&self) {
        self.test.clock.advance(Duration::from_hours(72));
    }

    async fn factor(&self, factor: FirstFactor) {
        self.test.set_provider(|provider| provider.first_factor = factor).await;
    }

    async fn concurrent(&self, on: &str) {
        self.admin("POST", "/system/setConfig", &[("email.concurrent_challenges", on)]).await;
    }

    async fn relay_port(&self, port: u16) {
        let mut relay = self.test.relay("sink", self.test.sink.addr());
        relay.port = port;
        self.test.apply(vec![relays::save(&relay)]).await;
    }

    /// What was done between two recorded requests.
    pub async fn prepare(&mut self, title: &str) {
        let goes_on = CONTINUED.iter().any(|part| title.starts_with(part));
        if !goes_on {
            self.days_later();
        }
        match title {
            "polltransaction while open" => self.open("01074451686628409046", "056154").await,
            "check: OTP with 'state' in place of transaction_id" => self.open("16654070574684415933", "293580").await,
            "check: by serial + transaction_id + OTP" => self.open("07551552617524412079", "802263").await,
            "polltransaction after expiry" => self.test.clock.advance(Duration::from_secs(120)),
            "check: OTP of a triggered challenge" => {
                let reply = self.test.admin("POST", "/validate/triggerchallenge", &[("user", "u000900")]).await;
                self.stand_for(&reply, "18068259275415333812", "968920").await;
            }
            "triggerchallenge: JWT of a plain user" => self.sign_in().await,
            "disabled: wrong PIN" => self.admin("POST", "/token/disable/PIEM0005BA93", &[]).await,
            "disabled after the challenge: right OTP" => {
                self.admin("POST", "/token/enable/PIEM0005BA93", &[]).await;
                self.open("04240971400042681380", "126191").await;
                self.admin("POST", "/token/disable/PIEM0005BA93", &[]).await;
            }
            "enabled again: the same right OTP" => self.admin("POST", "/token/enable/PIEM0005BA93", &[]).await,
            "fail counter: wrong OTP number 9 for one transaction" => {
                self.open("05479763038116316123", "291929").await;
                self.wrong_codes(8).await;
            }
            "fail counter: wrong OTP number 12 for one transaction" => self.wrong_codes(1).await,
            "fail counter exceeded: triggerchallenge" => self.wrong_pins(10).await,
            "fail counter: wrong PIN number 10" => self.wrong_pins(9).await,
            "revoked: right PIN" => {
                self.enroll("u000904", "PIEM00106EE2", "pin1234").await;
                self.admin("POST", "/token/revoke/PIEM00106EE2", &[]).await;
            }
            "SMTP down: right PIN" => self.relay_port(1).await,
            "concurrent=False: first id + first OTP, while a second challenge is open" => {
                self.relay_port(self.test.sink.addr().port()).await;
                self.two("05044643437516917790", "608006", "-", "-").await;
            }
            "concurrent=False: second id + second OTP first" => {
                self.two("-", "-", "06056989539057998816", "549603").await;
            }
            "concurrent=False: first id + second OTP (crossed)" => {
                self.two("01756474097242579079", "-", "-", "411363").await;
            }
            "concurrent=False: second id + first OTP (crossed)" => {
                self.two("-", "690239", "04677163140531391515", "-").await;
            }
            "concurrent=True: second id + second OTP after that" => {
                self.concurrent("1").await;
                self.two("first", "first code", "00868150498447509858", "085220").await;
            }
            "concurrent=True: first id + first OTP a second time" => {
                self.two("04554296505563772619", "730261", "-", "-").await;
                let (id, code) = (self.known["04554296505563772619"].clone(), self.known["730261"].clone());
                self.test.check(&[("user", "u000900"), ("transaction_id", &id), ("pass", &code)]).await;
            }
            "concurrent=True: then first id + first OTP" => {
                self.two("07428777239308946639", "880971", "-", "-").await;
            }
            "concurrent=True: first id + second OTP (crossed)" => {
                self.two("11574295576485954810", "-", "-", "756342").await;
            }
            "two tokens, same PIN: right PIN" => {
                self.concurrent("0").await;
                self.enroll("special", "PIEM00104B01", "pin1234").await;
                self.enroll("special", "PIEM00116AF6", "pin1234").await;
            }
            "token with an empty PIN: empty pass starts a challenge" => {
                self.admin("DELETE", "/token/PIEM00104B01", &[]).await;
                self.admin("DELETE", "/token/PIEM00116AF6", &[]).await;
                self.enroll("special", "PIEM0010EC14", "").await;
            }
            "user JWT: read own tokens" => self.sign_in().await,
            "delete email.identifier" => {
                self.admin("POST", "/system/setConfig", &[("email.identifier", "sink")]).await;
            }
            "right PIN with those policies" => {
                let fields = [
                    ("scope", "authentication"),
                    ("action", "emailtext=Your code is {otp},email_challenge_text=Check your inbox"),
                ];
                self.admin("POST", "/policy/mailtext", &fields).await;
            }
            "otppin=userstore: user password starts a challenge" => {
                // A policy that goes takes its texts with it.
                self.admin("POST", "/system/setConfig", &[("email.challenge_text", "Enter the OTP from the Email")])
                    .await;
                self.factor(FirstFactor::UserStore).await;
            }
            "no_detail: wrong PIN" => self.factor(FirstFactor::TokenPin).await,
            _ => {}
        }
    }

    /// Two first steps; "-" where the recording does not say.
    async fn two(&mut self, id: &str, code: &str, second_id: &str, second_code: &str) {
        self.open(id, code).await;
        self.open(second_id, second_code).await;
    }

    async fn wrong_codes(&self, count: usize) {
        let id = self.known["05479763038116316123"].clone();
        for _ in 0..count {
            self.test.check(&[("user", "u000900"), ("transaction_id", &id), ("pass", "909090")]).await;
        }
    }

    async fn wrong_pins(&self, count: usize) {
        for _ in 0..count {
            self.test.check(&[("user", "u000900"), ("pass", "wrongpin")]).await;
        }
    }

    /// Fetches a token as the user: first step and code.
    async fn sign_in(&mut self) {
        let first = self.test.form("/auth", &[("username", "u000900"), ("password", "pin1234")]).await;
        let (id, code) = (first.transaction(), self.newest_code(&first).await);
        let answer = [("username", "u000900"), ("transaction_id", &*id), ("password", &*code)];
        let reply = self.test.form("/auth", &answer).await;
        self.user_token = reply.json()["result"]["value"]["token"].as_str().unwrap().to_owned();
    }

    /// Sends a recorded request with our ids, codes and tokens.
    pub async fn replay(&self, recorded: &Recorded) -> Reply {
        let asked = &recorded.request;
        let path = self.translated(asked["path"].as_str().unwrap());
        let mut request =
            Request::builder().method(asked["method"].as_str().unwrap()).uri(path).header("host", "localhost");
        for (name, value) in asked["headers"].as_object().unwrap() {
            let is_user = recorded.title.contains("user JWT") || recorded.title.contains("plain user");
            let value = match value.as_str().unwrap() {
                "<jwt>" if is_user => self.user_token.clone(),
                "<jwt>" => self.test.admin_token().await,
                other => other.to_owned(),
            };
            request = request.header(name, value);
        }
        let body = match &asked["body"] {
            Value::Null => String::new(),
            Value::String(text) if text.starts_with('{') => self.translated(text).replace("adminpw", ADMIN_PASSWORD),
            Value::String(text) => self.translated(text).replace("adminpw", &ADMIN_PASSWORD.replace(' ', "+")),
            other => self.translated(&other.to_string()).replace("adminpw", ADMIN_PASSWORD),
        };
        self.test.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Our id and code stand for those of a recorded challenge from now on.
    pub async fn learn(&mut self, recorded: &Recorded, reply: &Reply) {
        if reply.status != 200 || reply.authentication() != "CHALLENGE" || recorded.title.starts_with("SMTP down") {
            return;
        }
        let own = self.newest_code(reply).await;
        if let Some(id) = recorded.response["json"]["detail"]["transaction_id"].as_str() {
            self.known.insert(id.to_owned(), reply.transaction());
        }
        if let Some((_, code)) = ANSWERED_LATER.iter().find(|(title, _)| *title == recorded.title) {
            self.known.insert((*code).to_owned(), own);
        }
    }

    fn translated(&self, text: &str) -> String {
        let numbers = self.known.iter().filter(|(recorded, _)| recorded.bytes().all(|byte| byte.is_ascii_digit()));
        numbers.fold(text.to_owned(), |text, (recorded, own)| text.replace(recorded, own))
    }
}
