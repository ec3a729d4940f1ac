//! The product in one process for tests: the real router, a real SMTP conversation into a sink, a
//! SQLite file, a clock that stands still until it is moved.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use domain::address::MailAddress;
use domain::code::CodeLength;
use domain::enrollment::{Enrollment, MAX_FAILURES, Serial};
use domain::name::{RealmName, UserName};
use domain::provider::Provider;
use domain::random::{NoRandomness, Random};
use domain::secret::Secret;
use domain::theme::Theme;
use domain::time::{Clock, Timestamp};
use otpost::app::App;
use otpost::config::{Config, Source, StoreUrl};
use otpost::demo::sink::{ReceivedMail, Sink};
use otpost::manage::{self, About, By, ManageError, providers};
use otpost::store::accounts::{self, Account};
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::realms::{self, Realm, Resolver};
use otpost::store::relays::{self, StoredRelay};
use otpost::store::themes::{self, StoredTheme};
use otpost::{boot, delivery, keys, serve, stop, store};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::postgres::Database;

/// The running product and its surroundings.
pub struct TestApp {
    pub app: App,
    pub clock: Arc<SetClock>,
    pub sink: Sink,
    _folder: TempDir,
    _database: Option<Database>,
    router: Router,
    _stopper: stop::Stopper,
    _workers: JoinSet<()>,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A clock that stands still until it is moved.
pub struct SetClock(AtomicI64);

/// Repeatable chance.
struct Seeded(AtomicU64);

pub const ADMIN_PASSWORD: &str = "correct horse battery";
pub const FORM: &str = "application/x-www-form-urlencoded";

impl TestApp {
    /// The product with realm `test`, resolver `local`, administrator `admin`, and a relay into the sink.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same on PostgreSQL.
    pub async fn start_on_postgres() -> Self {
        let database = Database::new();
        let url = StoreUrl::Postgres(Secret::new(database.url()));
        let mut test = Self::start_with(|config| config.store.url = url).await;
        test._database = Some(database);
        test
    }

    /// The same with another configuration.
    pub async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(Source::Nowhere, std::iter::empty()).unwrap();
        config.keys.file = folder.path().join("otpost.key");
        config.store.url = StoreUrl::Sqlite(folder.path().join("otpost.db"));
        config.hash.workers = 2;
        config.hash.queue = 1024;
        configure(&mut config);
        let clock = Arc::new(SetClock(AtomicI64::new(1_795_224_068_640)));
        let random = Arc::new(Seeded(AtomicU64::new(1)));
        keys::create(&config.keys.file, &*random).unwrap();
        store::migrate::migrate(&config.store.url, clock.now().millis()).await.unwrap();
        let for_app = Arc::clone(&clock);
        let (app, waiting) = boot::assemble(config, None, |_| for_app, random).await.unwrap();
        let sink = Sink::start("127.0.0.1:0".parse().unwrap(), 10_000).await.unwrap();
        let (stopper, stop) = stop::channel();
        let (mailer, mut workers) = (delivery::Mailer::default(), JoinSet::new());
        delivery::start(&app, &mailer, waiting, &mut workers, &stop);
        let router = serve::doors(&app, None);
        let (_database, _stopper, _workers) = (None, stopper, workers);
        let test = Self { router, app, clock, sink, _folder: folder, _database, _stopper, _workers };
        test.seed().await;
        test
    }

    async fn seed(&self) {
        let relay = self.relay("sink", self.sink.addr());
        let local = Resolver { name: "local".to_owned(), kind: "local".to_owned() };
        let realm = Realm {
            name: RealmName::parse("test").unwrap(),
            is_default: true,
            first_factor: None,
            resolvers: vec!["local".to_owned()],
        };
        let entrance = Theme { provider_id: Some(1), ..Theme::standard() };
        let entrance = StoredTheme::new(entrance, "test", self.clock.now());
        let mut statements = vec![relays::save(&relay), realms::save_resolver(&local)];
        statements.extend(realms::save_realm(&realm));
        statements.push(themes::update(&entrance));
        self.apply(statements).await;
        manage::admins::add(&self.app, &by(), "admin", &Secret::new(ADMIN_PASSWORD)).await.unwrap();
    }

    /// A relay as it is stored, in clear to an address of this machine.
    pub fn relay(&self, name: &str, addr: SocketAddr) -> StoredRelay {
        StoredRelay {
            name: name.to_owned(),
            host: addr.ip().to_string(),
            port: addr.port(),
            security: "plaintext".to_owned(),
            user_name: String::new(),
            sealed_password: None,
            mechanism: "auto".to_owned(),
            sender: "otpost@example.org".to_owned(),
            timeout_seconds: 10,
            ca_file: String::new(),
            allow_plaintext: false,
            description: String::new(),
            position: 0,
        }
    }

    /// Writes statements as an administrator's change.
    pub async fn apply(&self, statements: Vec<store::Statement>) {
        manage::apply(&self.app, &by(), About::default(), statements).await.unwrap();
    }

    /// A user of the realm `test`, with a password, not enrolled.
    pub async fn add_user(&self, name: &str, password: &str) -> Account {
        let name = UserName::parse(name).unwrap();
        let id = format!("user-{}", name.canonical());
        let account = Account {
            name_key: name.canonical(),
            password: Some(self.app.hasher.hash(&Secret::new(password), &id).await.unwrap()),
            email: format!("{}@example.org", name.canonical()),
            name: name.as_str().to_owned(),
            id,
            resolver: "local".to_owned(),
            given_name: String::new(),
            surname: String::new(),
            phone: String::new(),
            mobile: String::new(),
            description: String::new(),
            provider_id: None,
            created_at: self.clock.now(),
        };
        self.apply(vec![accounts::insert(&account)]).await;
        account
    }

    /// A user with one enrollment; its PIN may be empty. The serial is `PIEM_NAME`.
    pub async fn enroll(&self, name: &str, pin: &str) -> Account {
        let account = self.add_user(name, "the password").await;
        self.enroll_again(&account, &format!("PIEM_{}", account.name_key), pin).await;
        account
    }

    /// A further enrollment of a user.
    pub async fn enroll_again(&self, account: &Account, serial: &str, pin: &str) {
        let pin = match pin {
            "" => None,
            pin => Some(self.app.hasher.hash(&Secret::new(pin), &account.id).await.unwrap()),
        };
        let enrollment = Enrollment {
            serial: Serial::parse(serial).unwrap(),
            provider_id: 1,
            address: Some(MailAddress::parse(&format!("{}@example.org", account.name_key)).unwrap()),
            is_address_dynamic: false,
            pin,
            code_length: CodeLength::STANDARD,
            is_active: true,
            is_revoked: false,
            failures: 0,
            max_failures: MAX_FAILURES,
            failed_at: None,
            relay: None,
        };
        let stored = StoredEnrollment {
            enrollment,
            user_id: account.id.clone(),
            realm: "test".to_owned(),
            description: String::new(),
            info: "{}".to_owned(),
            created_at: self.clock.now(),
        };
        self.apply(vec![enrollments::insert(&stored)]).await;
    }

    /// Changes a setting of the standard provider.
    pub async fn set_provider(&self, change: impl FnOnce(&mut Provider)) {
        let mut provider = Provider::clone(&self.app.settings().default_provider());
        change(&mut provider);
        let changed = |_| Ok::<_, ManageError>(provider.clone());
        providers::edit(&self.app, &by(), Provider::STANDARD, changed).await.unwrap();
    }

    /// Sends a request from this machine.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        self.send_from("127.0.0.1:40000".parse().unwrap(), request).await
    }

    /// Sends a request from an address.
    pub async fn send_from(&self, peer: SocketAddr, mut request: Request<Body>) -> Reply {
        request.extensions_mut().insert(ConnectInfo(peer));
        // Nothing comes without one (RFC 9112, 3.2).
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("localhost"));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Answers at a port of this machine, too, for as long as the tasks live.
    pub async fn listen(&self, serving: &mut JoinSet<std::io::Result<()>>) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        serving.spawn(axum::serve(listener, service).into_future());
        address
    }

    /// POSTs a form as `curl` would.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(form_request(path, fields)).await
    }

    /// `POST /validate/check`.
    pub async fn check(&self, fields: &[(&str, &str)]) -> Reply {
        self.form("/validate/check", fields).await
    }

    /// The newest mail to an address, waited for: mail leaves after the answer.
    pub async fn mail_to(&self, address: &str) -> ReceivedMail {
        self.mails_to(address, 1).await.remove(0)
    }

    /// Mails to an address, the newest first, once there are at least `count`.
    pub async fn mails_to(&self, address: &str, count: usize) -> Vec<ReceivedMail> {
        for _ in 0..5_000 {
            let mails: Vec<_> = self.sink.mails().into_iter().filter(|mail| mail.to == address).collect();
            if mails.len() >= count {
                return mails;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("no {count} mails to {address} came within five seconds");
    }

    /// The code in the newest mail to an address.
    pub async fn code_to(&self, address: &str) -> String {
        code_in(&self.mail_to(address).await)
    }

    /// An access token of the administrator.
    pub async fn admin_token(&self) -> String {
        let reply = self.form("/auth", &[("username", "admin"), ("password", ADMIN_PASSWORD)]).await;
        reply.json()["result"]["value"]["token"].as_str().expect("a token").to_owned()
    }

    /// A management call with an administrator's token.
    pub async fn admin(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.admin_token().await;
        let mut request = form_request(path, fields);
        *request.method_mut() = method.parse().unwrap();
        request.headers_mut().insert("authorization", token.parse().unwrap());
        self.send(request).await
    }
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    /// `result.authentication`, or an empty text.
    pub fn authentication(&self) -> String {
        self.json()["result"]["authentication"].as_str().unwrap_or_default().to_owned()
    }

    /// `detail.transaction_id`.
    pub fn transaction(&self) -> String {
        self.json()["detail"]["transaction_id"].as_str().expect("a transaction id").to_owned()
    }

    /// `result.error.code`.
    pub fn error_code(&self) -> i64 {
        self.json()["result"]["error"]["code"].as_i64().expect("an error code")
    }
}

/// A form as `curl` would send it.
pub fn form_request(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
    Request::post(path)
        .header("content-type", FORM)
        .header("user-agent", "curl/8.0")
        .header("host", "localhost")
        .body(Body::from(body))
        .unwrap()
}

/// The code in a mail: the one line of digits alone.
pub fn code_in(mail: &ReceivedMail) -> String {
    let is_code = |line: &&str| line.len() >= 4 && line.bytes().all(|byte| byte.is_ascii_digit());
    mail.text.lines().map(str::trim).find(is_code).expect("a line with the code alone").to_owned()
}

/// Who changes things in tests.
pub fn by() -> By {
    By { actor: "test".to_owned(), action: "test".to_owned(), ..By::default() }
}

fn encode(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

impl SetClock {
    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl Random for Seeded {
    /// SplitMix64: repeatable, and spread well enough for codes and ids.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
