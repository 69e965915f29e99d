//! Python with Django and the clients of the caches, in a virtual environment under `target`, made when it is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Unless the environment variable DJANGO names another version.
const DJANGO: &str = "5.2.19";
const CLIENTS: [&str; 3] = ["redis", "django-redis", "pymemcache"];

pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let version = std::env::var("DJANGO").unwrap_or_else(|_| DJANGO.into());
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        let venv = target.join(format!("venv-django-{version}"));
        let python = venv.join("bin/python");
        let check = format!(
            "import redis, django_redis, pymemcache, django; assert django.__version__ == '{version}'"
        );
        let mut checks = Command::new(&python);
        checks.args(["-c", &check]).stderr(Stdio::null());
        let mut is_made = || checks.status().is_ok_and(|status| status.success());
        if !is_made() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet"]).args(CLIENTS);
            run(pip.arg(format!("Django=={version}")));
            assert!(is_made(), "no Django with clients in {}", venv.display());
        }
        python
    })
}

fn run(command: &mut Command) {
    let status = command.status().expect("python3 is installed");
    assert!(status.success(), "{command:?}");
}
