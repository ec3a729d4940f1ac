//! From an empty folder to a sign-in: by command line and API only.

use super::peers::{Peers, code_to};
use super::place::Place;

#[test]
fn a_fresh_folder_becomes_a_running_server_by_command_line_and_api_alone() {
    let (place, peers) = (Place::new(), Peers::new());
    let sink = peers.sink(50);
    place.ok(&["keys", "new"], "");
    place.ok(&["migrate"], "");
    place.ok(&["admin", "add", "admin", "--password-stdin"], super::place::ADMIN_PASSWORD);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    admin.done("/system/setConfig", &[("email.identifier", "main")]);
    admin.done("/resolver/local", &[("type", "local")]);
    admin.done("/realm/staff", &[("resolvers", "local")]);
    admin.done("/defaultrealm/staff", &[]);
    admin.done("/user/", &[("resolver", "local"), ("user", "anna"), ("email", "anna@example.org")]);
    let enrolled = [("type", "email"), ("user", "anna"), ("email", "anna@example.org"), ("pin", "apple pie")];
    admin.done("/token/init", &enrolled);
    let client = server.client();
    let id = client.begin(&[("user", "anna"), ("pass", "apple pie")]);
    let code = code_to(&sink, "anna@example.org");
    let answer = [("user", "anna"), ("pass", code.as_str()), ("transaction_id", id.as_str())];
    assert!(client.check(&answer).is_accepted());
    let second = client.check(&answer);
    assert_eq!(second.verdict(), "REJECT", "{}", second.body);
}

#[test]
fn a_link_makes_the_first_administrator_of_a_running_server() {
    let place = Place::new();
    place.ok(&["keys", "new"], "");
    place.ok(&["migrate"], "");
    let server = place.serve();
    let printed = place.ok(&["admin", "invite"], "");
    let link = printed.trim();
    assert!(link.starts_with(&format!("http://{}/console/invitation?token=", server.http)), "{printed}");
    let (_, token) = link.split_once("token=").unwrap();
    let path = link.strip_prefix(&format!("http://{}", server.http)).unwrap();
    assert_eq!(server.client().get(path).status, 200);
    let fields = [("token", token), ("name", "admin"), ("password", super::place::ADMIN_PASSWORD)];
    assert_eq!(server.client().post("/console/invitation", &fields).status, 303);
    server.admin();
    assert_eq!(server.client().get(path).status, 404);
    let again = place.cli(&["admin", "invite"], "");
    assert!(again.code == 7 && again.err.contains("otpost admin reset"), "{again:?}");
    let logged = super::place::files(place.folder.path()).into_iter().filter_map(|file| std::fs::read(file).ok());
    let holds = |bytes: Vec<u8>| bytes.windows(token.len()).any(|window| window == token.as_bytes());
    assert!(!logged.into_iter().any(holds), "neither database nor log holds the token");
}

#[test]
fn users_added_and_enrolled_by_the_command_line_sign_in_beside_the_running_server() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(50);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    place.ok(&["user", "add", "ben", "--email", "ben@example.org"], "");
    let printed = place.ok(&["user", "enroll", "ben", "--pin-stdin", "--output", "json"], "plum cake\n");
    assert!(printed.contains("\"serial\""), "{printed}");
    let client = server.client();
    let first = super::place::until("the server to know ben", std::time::Duration::from_secs(5), || {
        client.check(&[("user", "ben"), ("pass", "plum cake")]).transaction()
    });
    let code = code_to(&sink, "ben@example.org");
    let answer = [("user", "ben"), ("pass", code.as_str()), ("transaction_id", first.as_str())];
    assert!(client.check(&answer).is_accepted());
    assert!(!client.check(&answer).is_accepted(), "a code is accepted once");
    assert!(place.ok(&["user", "list"], "").contains("ben@example.org"));
    assert_eq!(place.cli(&["user", "enroll", "nobody"], "").code, 6);
    assert_eq!(place.cli(&["user", "add", "ben"], "").code, 7);
}

#[test]
fn who_is_added_with_a_password_signs_in_with_it() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(50);
    place.ok(&["user", "add", "ben", "--email", "ben@example.org", "--password-stdin"], "a long password\n");
    place.ok(&["user", "enroll", "ben"], "");
    let server = place.serve();
    server.relay(&server.admin(), "main", sink.addr());
    let client = server.client();
    assert_eq!(client.check(&[("user", "ben"), ("pass", "")]).verdict(), "REJECT");
    let id = client.begin(&[("user", "ben"), ("pass", "a long password")]);
    let code = code_to(&sink, "ben@example.org");
    assert!(client.check(&[("user", "ben"), ("pass", &code), ("transaction_id", &id)]).is_accepted());
}

#[test]
fn imported_users_are_enrolled_themselves_and_not_their_namesakes() {
    let place = Place::ready();
    place.ok(&["user", "add", "ann", "--email", "ann@example.org"], "");
    let server = place.serve();
    let admin = server.admin();
    admin.done("/resolver/branch", &[("type", "local")]);
    admin.done("/realm/branch", &[("resolvers", "branch")]);
    let file = place.folder.path().join("people.csv");
    std::fs::write(&file, "name,email\nann,ann@example.net\nbea,bea@example.net\n").unwrap();
    let import = ["user", "import", file.to_str().unwrap(), "--resolver", "branch", "--enroll"];
    assert_eq!(place.ok(&import, "").trim(), "2 users added");
    let listed = place.ok(&["user", "list", "--output", "json"], "");
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let row = |user: &serde_json::Value| {
        ["name", "realm", "enrollments"].map(|name| user[name].as_str().unwrap_or_default().to_owned()).join(" ")
    };
    let mut rows: Vec<_> = listed.as_array().unwrap().iter().map(row).collect();
    rows.sort();
    assert_eq!(rows, ["ann branch 1", "ann users 0", "bea branch 1"]);
}

#[test]
fn a_file_with_a_fault_in_any_line_imports_nobody() {
    let place = Place::ready();
    let file = place.folder.path().join("people.csv");
    let import = ["user", "import", file.to_str().unwrap()];
    for (line, fault) in [
        (format!("bob,bob@example.org,{}", "x".repeat(256)), "the given name has at most 255"),
        ("bob,bob at home,".to_owned(), "email: "),
        (",bob@example.org,".to_owned(), "name: "),
    ] {
        std::fs::write(&file, format!("name,email,given_name\nann,ann@example.org,Ann\n{line}\n")).unwrap();
        let said = place.cli(&import, "");
        assert!(said.code == 2 && said.err.contains(&format!("people.csv:3: {fault}")), "{said:?}");
        assert!(!place.ok(&["user", "list"], "").contains("ann"), "{line}");
    }
}

#[test]
fn no_secret_can_be_given_on_the_command_line() {
    let place = Place::new();
    for arguments in [
        &["admin", "add", "x", "--password", "y"][..],
        &["admin", "add", "x", "y"],
        &["admin", "reset", "x", "--password", "y"],
        &["user", "add", "x", "--password", "y"],
        &["user", "enroll", "x", "--pin", "y"],
        &["admin", "add", "x"],
    ] {
        let said = place.cli(arguments, "");
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
        assert!(said.out.is_empty() && !said.err.is_empty());
    }
}
