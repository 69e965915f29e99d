//! The environment in which Django runs: a virtual environment and Django's source distribution, both created under
//! `target/` if they are missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The version of Django, unless the environment variable DJANGO sets another one.
const DJANGO: &str = "5.2.19";
/// The packages that Django's engines and caches need.
const PACKAGES: &[&str] = &[
    "redis",
    "django-redis",
    "pymemcache",
    "psycopg[binary]",
    "PyMySQL",
];

/// The folder of the Python scripts.
pub const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/django");
/// The workspace's target folder, for all its packages.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/..");

pub struct Environment {
    version: String,
    python: PathBuf,
    /// The unpacked source distribution, because Django's wheel does not contain its tests.
    pub source: PathBuf,
}

/// Returns the environment. Tests that need it while it is being created wait.
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

    /// Returns a command that runs a script with the environment's Python, without creating `__pycache__`. The script
    /// is in [`SCRIPTS`], or has an absolute path.
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

    /// Returns pip's name for this version.
    fn django(&self) -> String {
        format!("Django=={}", self.version)
    }

    fn tests(&self) -> PathBuf {
        self.source.join("tests").join("signing").join("tests.py")
    }

    fn unpack_source(&self) {
        // Building from source makes pip download the source.
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

/// Runs a command, which must succeed.
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
