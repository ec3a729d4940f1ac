//! Debian packages the tests need: found, installed when we may, named when we may not. Never skipped.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

struct Package {
    name: &'static str,
    /// The program, or the file, by which it shows that it is there.
    program: &'static str,
    why: &'static str,
}

const PACKAGES: [Package; 29] = [
    Package { name: "postfix", program: "smtp-sink", why: "a real SMTP peer (smtp-sink; no service runs)" },
    Package { name: "swaks", program: "swaks", why: "speaks SMTP to our sink from outside" },
    Package { name: "chromium", program: "chromium", why: "opens our pages like a person" },
    Package { name: "nodejs", program: "node", why: "drives Chromium" },
    Package { name: "npm", program: "npm", why: "fetches what drives Chromium and judges the pages" },
    Package { name: "nginx", program: "nginx", why: "guards a page by asking us" },
    Package { name: "caddy", program: "caddy", why: "guards a page by asking us, in its own way" },
    Package { name: "freeradius-utils", program: "radclient", why: "asks our RADIUS like network gear" },
    Package { name: "curl", program: "curl", why: "calls our HTTP like a script" },
    Package { name: "postgresql", program: "postgres", why: "the other engine of the store (a private server)" },
    Package { name: "slapd", program: "slapd", why: "a directory (a private server)" },
    Package { name: "ldap-utils", program: "ldapsearch", why: "asks directories from outside" },
    Package { name: "samba", program: "samba", why: "a domain controller (a private one; no service runs)" },
    Package { name: "samba-ad-provision", program: SCHEMA, why: "what a new domain begins with" },
    Package { name: "samba-dsdb-modules", program: DIRECTORY, why: "the directory of a domain controller" },
    Package { name: "samba-vfs-modules", program: FILES, why: "what a new domain's folders are made with" },
    Package { name: "ldb-tools", program: "ldbadd", why: "puts people into a new domain" },
    Package { name: "python3-pip", program: "pip3", why: "fetches the judges of our description of HTTP" },
    Package { name: "openssl", program: "openssl", why: "knocks at RadSec with certificates that are none of ours" },
    Package { name: "freeradius", program: "freeradius", why: "hands sign-ins on to our RADIUS" },
    Package { name: "radsecproxy", program: "radsecproxy", why: "hands sign-ins on by RADIUS over TLS" },
    Package { name: "pamtester", program: "pamtester", why: "signs in by PAM as sshd would" },
    Package { name: "libpam-radius-auth", program: "/etc/pam_radius_auth.conf", why: "makes PAM ask our RADIUS" },
    Package { name: "libpam-wrapper", program: WRAPPER, why: "lets PAM read the configuration of a test" },
    Package { name: "openvpn", program: "openvpn", why: "a VPN that asks for the code" },
    Package {
        name: "charon-systemd",
        program: "charon-systemd",
        why: "another VPN that asks for the code (no service runs)",
    },
    Package { name: "libcharon-extra-plugins", program: EAP_RADIUS, why: "makes that VPN ask our RADIUS" },
    Package { name: "libcharon-extauth-plugins", program: XAUTH, why: "signs in at that VPN in the old way" },
    Package { name: "libstrongswan-standard-plugins", program: OPENSSL, why: "the cryptography of that VPN" },
];

/// Plugins of strongSwan.
const EAP_RADIUS: &str = "/usr/lib/ipsec/plugins/libstrongswan-eap-radius.so";
const XAUTH: &str = "/usr/lib/ipsec/plugins/libstrongswan-xauth-generic.so";
const OPENSSL: &str = "/usr/lib/ipsec/plugins/libstrongswan-openssl.so";

/// Its library lies elsewhere on every architecture.
const WRAPPER: &str = "/usr/share/doc/libpam-wrapper/copyright";

/// What of Samba is no program, by its file. Each architecture has a folder of its own.
const SCHEMA: &str = "/usr/share/samba/setup/provision.ldif";
const DIRECTORY: &str = if cfg!(target_arch = "aarch64") {
    "/usr/lib/aarch64-linux-gnu/samba/ldb/samba_dsdb.so"
} else {
    "/usr/lib/x86_64-linux-gnu/samba/ldb/samba_dsdb.so"
};
const FILES: &str = if cfg!(target_arch = "aarch64") {
    "/usr/lib/aarch64-linux-gnu/samba/vfs/posix_eadb.so"
} else {
    "/usr/lib/x86_64-linux-gnu/samba/vfs/posix_eadb.so"
};

/// Makes every package of the table present, or says which command does.
pub(crate) fn ensure(root: &Path) -> Result<()> {
    let missing = missing(root);
    if missing.is_empty() {
        return Ok(());
    }
    for package in &missing {
        println!("    {} is missing: {}", package.name, package.why);
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !may_install(root) {
        bail!("install them and run this again: sudo {}", install_line(&names));
    }
    install(root, &names)?;
    match self::missing(root).first() {
        None => Ok(()),
        Some(package) => bail!("{} was installed, but what it is needed for is still not found", package.name),
    }
}

fn missing(root: &Path) -> Vec<Package> {
    PACKAGES.into_iter().filter(|package| shell::find(root, package.program).is_none()).collect()
}

fn may_install(root: &Path) -> bool {
    let is_root = shell::capture(shell::program(root, "id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    is_root && shell::find(root, "apt-get").is_some()
}

fn install_line(names: &[&str]) -> String {
    format!("apt-get install --yes --no-install-recommends {}", names.join(" "))
}

fn install(root: &Path, names: &[&str]) -> Result<()> {
    for (name, answer) in UNCONFIGURED {
        if names.contains(&name) {
            answer_beforehand(root, answer)?;
        }
    }
    shell::run(apt(root).args(["update", "-qq"]))?;
    let _none = names.contains(&"postgresql").then(NoCluster::declare).transpose()?;
    let _idle = NoService::declare()?;
    shell::run(apt(root).args(["install", "-qq", "--yes", "--no-install-recommends"]).args(names))
        .with_context(|| format!("try it by hand: {}", install_line(names)))
}

/// Only its programs are wanted. While this lives, Debian makes and starts no server with the package.
struct NoCluster(&'static Path);

impl NoCluster {
    fn declare() -> Result<Self> {
        let file = Path::new("/etc/postgresql-common/createcluster.d/no-cluster-for-tests.conf");
        let folder = file.parent().context("a file in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
        fs::write(file, "create_main_cluster = false\n")
            .with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(Self(file))
    }
}

impl Drop for NoCluster {
    fn drop(&mut self) {
        drop(fs::remove_file(self.0));
    }
}

/// Only programs are wanted. While this lives, Debian starts no service with any package.
struct NoService(Option<&'static Path>);

impl NoService {
    fn declare() -> Result<Self> {
        let file = Path::new("/usr/sbin/policy-rc.d");
        if file.exists() {
            // Whoever made this machine has said so already, or knows why not.
            return Ok(Self(None));
        }
        fs::write(file, "#!/bin/sh\nexit 101\n").with_context(|| format!("{} cannot be written", file.display()))?;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
        Ok(Self(Some(file)))
    }
}

impl Drop for NoService {
    fn drop(&mut self) {
        drop(self.0.map(fs::remove_file));
    }
}

fn apt(root: &Path) -> Command {
    let mut command = shell::program(root, "apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("--option=Dpkg::Use-Pty=0");
    command
}

/// Answers a question that the package would ask.
fn answer_beforehand(root: &Path, answer: &str) -> Result<()> {
    let mut child = shell::program(root, "debconf-set-selections")
        .stdin(Stdio::piped())
        .spawn()
        .context("`debconf-set-selections` could not be started")?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{answer}")?;
    }
    if !child.wait()?.success() {
        bail!("`debconf-set-selections` failed");
    }
    Ok(())
}

/// Only their programs are wanted. Debian starts the service, now or at the next boot, only where it has a configuration.
const UNCONFIGURED: [(&str, &str); 2] = [
    ("postfix", "postfix postfix/main_mailer_type select No configuration"),
    ("slapd", "slapd slapd/no_configuration boolean true"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_type_names_every_package() {
        let line = install_line(&["swaks", "curl"]);
        assert_eq!(line, "apt-get install --yes --no-install-recommends swaks curl");
    }
}
