//! Where Django runs: a virtual environment and Django's source distribution, both under `target/`, made when missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Unless the environment variable DJANGO names another version.
const DJANGO: &str = "5.2.19";
/// What Django's engines and caches need.
const PACKAGES: &[&str] = &[
    "redis",
    "django-redis",
    "pymemcache",
    "psycopg[binary]",
    "PyMySQL",
];

/// The package's folder with the Python scripts.
pub const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/django");
/// The workspace's, for all its packages.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/..");

pub struct Environment {
    version: String,
    python: PathBuf,
    /// The unpacked source distribution: Django's tests are in no wheel.
    pub source: PathBuf,
}

/// The one environment; tests that ask for it while it is made wait.
pub fn environment() -> &'static Environment {
    static MADE: OnceLock<Environment> = OnceLock::new();
    MADE.get_or_init(Environment::make)
}

impl Environment {
    fn make() -> Self {
        let version = std::env::var("DJANGO").unwrap_or_else(|_| DJANGO.into());
        let venv = Path::new(TARGET).join(format!("venv-django-{version}"));
        let made = Self {
            python: venv.join("bin").join("python"),
            source: Path::new(TARGET).join(format!("django-{version}")),
            version,
        };
        if !made.has_django() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            run(made.pip("install").arg(made.django()).args(PACKAGES));
            assert!(made.has_django(), "no Django in {}", venv.display());
        }
        if !made.tests().exists() {
            made.unpack_source();
        }
        made
    }

    /// Python in the environment, which leaves no `__pycache__` behind. The script is in [`SCRIPTS`], or has a whole path.
    pub fn python(&self, script: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.arg(Path::new(SCRIPTS).join(script));
        command
    }

    fn has_django(&self) -> bool {
        let version = Command::new(&self.python)
            .args([
                "-c",
                "import django, redis, django_redis, pymemcache, psycopg, pymysql; print(django.__version__)",
            ])
            .output();
        version.is_ok_and(|output| output.stdout.trim_ascii() == self.version.as_bytes())
    }

    /// As pip names it.
    fn django(&self) -> String {
        format!("Django=={}", self.version)
    }

    fn tests(&self) -> PathBuf {
        self.source.join("tests").join("signing").join("tests.py")
    }

    fn unpack_source(&self) {
        // Built from source: that is what makes pip fetch the source.
        run(self
            .pip("download")
            .args(["--no-deps", "--no-binary", ":all:", "--dest", TARGET])
            .arg(self.django()));
        let archive = self
            .source
            .with_file_name(format!("django-{}.tar.gz", self.version));
        run(Command::new(&self.python)
            .args(["-m", "tarfile", "--extract"])
            .arg(archive)
            .arg(TARGET));
        assert!(
            self.tests().exists(),
            "{} is missing",
            self.tests().display()
        );
    }

    fn pip(&self, command: &str) -> Command {
        let mut pip = Command::new(&self.python);
        pip.args([
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            command,
        ]);
        pip
    }
}

/// Runs a command to its end, which has to be a good one.
pub fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
