//! Judges written in Python: installed once into a folder of the build, then run from there.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::run;

/// A folder of Python packages.
pub(crate) struct Judges {
    folder: &'static str,
    packages: &'static [&'static str],
}

/// Of our description of HTTP. The second brings `jsonschema`.
pub(crate) const HTTP: Judges =
    Judges { folder: "judges", packages: &["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"] };
/// Of our RADIUS. The second has what MS-CHAPv2 needs.
pub(crate) const RADIUS: Judges =
    Judges { folder: "radius-judges", packages: &["pyrad==2.6.0", "pycryptodome==3.23.0"] };

/// Runs a Python program with the judges of HTTP.
pub(crate) fn python(args: &[&str]) -> String {
    HTTP.python(args)
}

/// The folder of the judges of HTTP.
pub(crate) fn folder() -> PathBuf {
    HTTP.folder()
}

impl Judges {
    /// Runs a Python program of the folder and answers what it said; on a failure its last lines tell.
    pub(crate) fn python(&self, args: &[&str]) -> String {
        let folder = self.folder();
        let mut python = Command::new("python3");
        python.args(args).env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(&folder);
        let output = python.output().expect("this test needs Python: apt-get install python3-pip");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
        let short: Vec<String> = said.lines().map(|line| line.chars().take(300).collect()).collect();
        assert!(output.status.success(), "{args:?} came to another end:\n{}", short.join("\n"));
        said
    }

    /// The folder with the packages. Each process looks; only the first one installs.
    fn folder(&self) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.folder);
        self.install(&folder);
        folder
    }

    fn install(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        // Tests are processes of their own, too.
        let turn = std::fs::File::create(folder.join("turn.lock")).unwrap();
        turn.lock().unwrap();
        let stamp = folder.join("installed.txt");
        if std::fs::read_to_string(&stamp).is_ok_and(|text| text == self.packages.join(" ")) {
            return;
        }
        let target = folder.display().to_string();
        let fixed = ["install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--upgrade"];
        run("pip3", &[&fixed[..], &["--target", &target], self.packages].concat());
        std::fs::write(stamp, self.packages.join(" ")).unwrap();
    }
}
