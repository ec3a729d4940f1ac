//! A relay that is not ours: Postfix's `smtp-sink`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::place::{Guard, Place, files, free, is_listening, until};

#[test]
fn postfix_smtp_sink_gets_every_mail_once() {
    assert!(Path::new(SMTP_SINK).exists(), "{SMTP_SINK} is missing: apt-get install postfix");
    let folder = tempfile::tempdir().unwrap();
    // It gives up its rights before it writes.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let address = free();
    let mut command = Command::new(SMTP_SINK);
    command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if is_root() {
        command.args(["-u", "nobody"]);
    }
    command.args(["-d", "mail."]).arg(address.to_string()).arg("100");
    let _relay = Guard(command.spawn().unwrap());
    until("smtp-sink to listen", Duration::from_secs(5), || is_listening(address).then_some(()));
    let place = Place::ready();
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "postfix", address);
    for number in 0..MAILS {
        let (serial, to) = (format!("PF{number}"), format!("pf{number}@example.org"));
        admin.done("/token/init", &[("type", "email"), ("serial", &serial), ("email", &to)]);
        server.client().begin(&[("serial", &serial), ("pass", "")]);
    }
    let kept = || -> Vec<String> {
        let texts = files(folder.path()).into_iter().map(|file| std::fs::read_to_string(file).unwrap_or_default());
        texts.filter(|text| text.contains("\nTo: ")).collect()
    };
    until("all mails", Duration::from_secs(20), || (kept().len() >= MAILS).then_some(()));
    let sent = format!("otpost_mail_messages_total{{relay=\"postfix\",result=\"sent\"}} {MAILS}");
    let manage = super::http::Client::new(server.manage);
    until("all of them to be noted", Duration::from_secs(5), || {
        manage.get("/metrics").body.contains(&sent).then_some(())
    });
    let all = kept();
    assert_eq!(all.len(), MAILS);
    for number in 0..MAILS {
        let to = format!("<pf{number}@example.org>");
        assert_eq!(all.iter().filter(|text| text.contains(&format!("\nTo: {to}"))).count(), 1, "{to}");
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

const SMTP_SINK: &str = "/usr/sbin/smtp-sink";
const MAILS: usize = 40;
