//! An OpenVPN server asks us by PAM; a real client types password and code.

use std::net::SocketAddr;
use std::process::Command;

use super::{PASSWORD, PATIENCE, Page, Printed, Rig, pam_radius, start};
use crate::process::place::{Guard, free, until};
use crate::radius::certificates::Authority;

#[test]
fn an_openvpn_client_comes_in_with_password_and_code_once() {
    let page = Page::read("openvpn.md");
    let rig = Rig::start(&page, "192.0.2.40");
    pam_radius::configure(&page, &rig, "openvpn", "the-secret-in-radius-openvpn.secret");
    let authority = Authority::new(rig.place.folder.path(), "ca.pem");
    authority.certify("server", &["vpn.example.org"]);
    authority.certify("client", &["laptop.example.org"]);
    let plugin = page.block("# /etc/openvpn/server/server.conf");
    assert!(!connect(&rig, &plugin, PASSWORD), "the password alone sends the mail");
    let both = format!("{PASSWORD}{}", rig.code(1));
    assert!(connect(&rig, &plugin, &both), "password and code");
    assert!(!connect(&rig, &plugin, &both), "the code is used");
}

/// Whether a client that types this comes in. Without networks behind them, a server has one client in its life.
fn connect(rig: &Rig, plugin: &str, typed: &str) -> bool {
    let at = free();
    std::fs::write(rig.file("server.conf"), format!("{}{plugin}", server(at))).unwrap();
    std::fs::write(rig.file("client.conf"), client(at)).unwrap();
    std::fs::write(rig.file("typed"), format!("alice\n{typed}\n")).unwrap();
    let (mut server, heard) = openvpn(rig, "server.conf");
    heard.until("UDPv4 link remote");
    let (client, said) = openvpn(rig, "client.conf");
    let is_in = || heard.text().contains("authentication succeeded for username 'alice'");
    let is_out = || heard.text().contains("Auth Username/Password verification failed");
    until("the client to be in or out", PATIENCE, || (is_in() || is_out()).then_some(()));
    if is_in() {
        said.until("Initialization Sequence Completed");
    }
    Guard::kill(client);
    // Told, not killed: it takes the plugin's own process along.
    server.terminate(PATIENCE);
    is_in()
}

fn openvpn(rig: &Rig, configuration: &str) -> (Guard, Printed) {
    let mut command = Command::new("openvpn");
    command.arg("--config").arg(rig.file(configuration)).current_dir(rig.place.folder.path());
    pam_radius::wrapped(&mut command, rig);
    start(command, "openvpn")
}

/// No device, no routes, nothing for which one has to be the superuser: it is the sign-in that is tested.
fn server(at: SocketAddr) -> String {
    let (ip, port) = (at.ip(), at.port());
    let listen = format!("dev null\ntls-server\nlocal {ip}\nport {port}\nproto udp4\ndh none\nverb 3\n");
    format!("{listen}ca ca.pem\ncert server.pem\nkey server.key\n")
}

fn client(at: SocketAddr) -> String {
    let remote = format!("dev null\nclient\nremote {} {}\nproto udp4\nnobind\nverb 3\n", at.ip(), at.port());
    format!("{remote}ca ca.pem\ncert client.pem\nkey client.key\nauth-user-pass typed\nauth-retry none\n")
}
