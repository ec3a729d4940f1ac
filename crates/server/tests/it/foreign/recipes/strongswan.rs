//! A strongSwan gateway asks us; a strongSwan client types password and code. Each is a charon with a folder and a
//! port of its own. No tunnel comes of it, so what this machine does with its packets stays as it is.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{PASSWORD, PATIENCE, Page, Printed, Rig, SECRET, start};
use crate::process::place::{Guard, Said, finish, free, until};
use crate::radius::certificates::Authority;

/// One charon, whatever part it plays.
struct Charon {
    folder: PathBuf,
    /// Where it speaks IKE. The other port of each is the system's choice: nothing comes to it.
    port: u16,
    log: Printed,
    _process: Guard,
}

/// A gateway, and a client of it.
struct Road {
    gateway: Charon,
    client: Charon,
    /// The client's side, without what is typed.
    home: String,
}

#[test]
fn a_strongswan_client_comes_in_by_ikev2_with_password_and_code_once() {
    let page = Page::read("strongswan.md");
    let rig = Rig::start(&page, "192.0.2.50");
    let home = page.block("# /etc/swanctl/conf.d/home.conf");
    let road = Road::build(&rig, &page, "people.conf", &without_tunnel(&home));
    road.takes_password_and_code_once(&rig, "EAP: 'alice'");
}

#[test]
fn a_strongswan_client_comes_in_by_ikev1_with_password_and_code_once() {
    let page = Page::read("strongswan.md");
    let rig = Rig::start(&page, "192.0.2.50");
    let road = Road::build(&rig, &page, "old-people.conf", XAUTH);
    road.takes_password_and_code_once(&rig, "XAuth: 'alice'");
}

#[test]
fn eap_inside_radius_is_refused_and_the_log_says_why() {
    let page = Page::read("strongswan.md");
    let rig = Rig::start(&page, "192.0.2.50");
    let home = page.block("# /etc/swanctl/conf.d/home.conf");
    let road = Road::build(&rig, &page, "people.conf", &without_tunnel(&home));
    let people = road.gateway.folder.join("swanctl/swanctl.conf");
    let text = std::fs::read_to_string(&people).unwrap().replace("auth = eap-gtc", "auth = eap-radius");
    std::fs::write(people, text).unwrap();
    road.gateway.load();
    assert!(!road.connects(PASSWORD));
    let log = rig.place.read("stderr");
    let why = log.lines().find(|line| line.contains("no password that can be read")).expect("a line about it");
    assert!(why.contains("strongswan") && why.contains("EAP") && why.contains("PAP required"), "{why}");
    assert_eq!(rig.mails(), 0);
}

impl Road {
    fn build(rig: &Rig, page: &Page, people: &str, home: &str) -> Self {
        let folder = rig.place.folder.path();
        let authority = Authority::new(folder, "ca.pem");
        authority.certify_rsa("gateway", &["vpn.example.org"]);
        authority.certify_rsa("laptop", &["laptop.example.org"]);
        let blocks = ["eap-radius", "eap-gtc"].map(|plugin| {
            let block = page.block(&format!("# /etc/strongswan.d/charon/{plugin}.conf"));
            let block =
                block.replace("the secret in radius-strongswan.secret", SECRET).replace("192.0.2.1", "127.0.0.1");
            block.replace("1812", &rig.radius.port().to_string())
        });
        let gateway = Charon::start(rig, "gateway", "eap-radius", &blocks.concat());
        gateway.configure(&page.block(&format!("# /etc/swanctl/conf.d/{people}")));
        gateway.load();
        let client = Charon::start(rig, "laptop", "xauth-generic", "");
        let ports = format!("childless = force\nremote_port = {}\nlocal_port = {}\n", gateway.port, client.port);
        let home = home.replace("remote_addrs = vpn.example.org", &format!("remote_addrs = 127.0.0.1\n{ports}"));
        Self { gateway, client, home }
    }

    fn takes_password_and_code_once(&self, rig: &Rig, whom: &str) {
        assert!(!self.connects(PASSWORD), "the password alone sends the mail");
        let code = rig.code(1);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert!(!self.connects(&format!("{PASSWORD}{wrong}")), "a wrong code");
        let both = format!("{PASSWORD}{code}");
        assert!(self.connects(&both), "password and code: {}", self.gateway.log.text());
        let known = self.gateway.control(&["--list-sas"]).out;
        assert!(known.contains("ESTABLISHED") && known.contains(whom), "{known}");
        self.client.control(&["--terminate", "--ike", "home"]);
        assert!(!self.connects(&both), "the code is used");
        assert_eq!(rig.mails(), 1);
    }

    /// Whether a client that types this comes in. The gateway is of the same opinion, a moment later perhaps.
    fn connects(&self, typed: &str) -> bool {
        let secrets = format!("secrets {{\nxauth {{\nid = alice\nsecret = \"{typed}\"\n}}\n}}\n");
        self.client.configure(&(self.home.clone() + &secrets));
        self.client.load();
        let is_in = self.client.control(&["--initiate", "--ike", "home"]).code == 0;
        until("the gateway to think so too", PATIENCE, || {
            let known = self.gateway.control(&["--list-sas"]).out;
            (known.contains("ESTABLISHED") == is_in).then_some(())
        });
        is_in
    }
}

impl Charon {
    fn start(rig: &Rig, name: &str, plugin: &str, settings: &str) -> Self {
        let (folder, port) = (rig.file(&format!("charon-{name}")), free().port());
        for (part, file) in
            [("x509ca", "ca.pem"), ("x509", &format!("{name}.pem")), ("private", &format!("{name}.key"))]
        {
            let part = folder.join("swanctl").join(part);
            std::fs::create_dir_all(&part).unwrap();
            std::fs::copy(rig.file(file), part.join(file)).unwrap();
        }
        let socket = format!("vici {{\nsocket = unix://{}/vici\n}}\n", folder.display());
        let text = format!(
            "charon {{\nport = 0\nport_nat_t = {port}\nrouting_table = 0\nload = {PLUGINS} {plugin}\n\
             filelog {{\nstderr {{\ndefault = 1\n}}\n}}\nplugins {{\n{socket}{settings}}}\n}}\n"
        );
        std::fs::write(folder.join("strongswan.conf"), text).unwrap();
        for program in ["charon-systemd", "swanctl"] {
            // AppArmor lets the one in /usr/sbin reach its own folders only.
            let copied = std::fs::copy(Path::new("/usr/sbin").join(program), folder.join(format!("{program}-program")));
            copied.expect("strongSwan; install Debian's packages charon-systemd and libcharon-extra-plugins");
        }
        let mut command = Command::new(folder.join("charon-systemd-program"));
        command.env("STRONGSWAN_CONF", folder.join("strongswan.conf"));
        let (process, log) = start(command, "charon-systemd");
        log.until("spawning 16 worker threads");
        Self { folder, port, log, _process: process }
    }

    fn configure(&self, text: &str) {
        std::fs::write(self.folder.join("swanctl/swanctl.conf"), text).unwrap();
    }

    /// Has it read its configuration again.
    fn load(&self) {
        let said = self.control(&["--load-all", "--clear"]);
        assert_eq!(said.code, 0, "{said:?}");
    }

    fn control(&self, order: &[&str]) -> Said {
        let mut command = Command::new(self.folder.join("swanctl-program"));
        command.args(order).args(["--uri", &format!("unix://{}/vici", self.folder.display())]);
        command.env("SWANCTL_DIR", self.folder.join("swanctl"));
        command.env("STRONGSWAN_CONF", self.folder.join("strongswan.conf"));
        finish(command, "")
    }
}

/// The page's client without the networks it wants: addresses and routes of this machine are none of the test's.
fn without_tunnel(home: &str) -> String {
    let (before, _) = home.split_once("        children {").expect("a section children");
    before.replace("vips = 0.0.0.0\n", "") + "    }\n}\n"
}

/// The page says nothing of clients by IKEv1.
const XAUTH: &str = "connections {
    home {
        version = 1
        remote_addrs = vpn.example.org
        local-1 {
            auth = pubkey
            certs = laptop.pem
            id = laptop.example.org
        }
        local-2 {
            auth = xauth
            xauth_id = alice
        }
        remote {
            auth = pubkey
            id = vpn.example.org
        }
    }
}
";

/// By name, so that nothing else of a Debian is loaded that would touch this machine.
const PLUGINS: &str = "random nonce pem x509 pubkey pkcs1 pkcs8 constraints openssl hmac kdf sha1 sha2 md5 gmp drbg aes \
                       kernel-netlink socket-default vici eap-identity eap-gtc";
