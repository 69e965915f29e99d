"""Starts the site and the services for one engine, and ends them."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "examples/django-stores/site/manage.py"
SERVICE = ROOT / "target/debug/django-stores"
SERVERS = ROOT / "stores/tests/servers.sh"


def free_address():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % listener.getsockname()[1]


def manage(environment, *arguments):
    subprocess.run([sys.executable, SITE, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


class Users:
    """A database with one user, as `manage.py` makes it. Each site starts with a copy."""

    def __init__(self, folder):
        self.file, self.password = folder / "users.sqlite3", secrets.token_urlsafe(12)
        folder.mkdir(parents=True, exist_ok=True)
        self.file.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "ENGINE": "db:sqlite",
            "USERS": str(self.file),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DJANGO_SUPERUSER_PASSWORD": self.password,
        }
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "createsuperuser", "--noinput", "--username", "admiral", "--email", "admiral@example.com")

    def copy_to(self, file):
        shutil.copy(self.file, file)
        return self.password


class Stack(ExitStack):
    """A Django and a Rust service with the same sessions, and two more services for the checks of keys."""

    def __init__(self, engine, folder, servers, users, use_tz=True):
        super().__init__()
        self.engine, self.folder, self.servers = engine, folder, servers
        self.kind, _, backend = engine.partition(":")
        self.server = backend.removeprefix("django_")
        self.users = users
        self.key = secrets.token_urlsafe(50)

        shutil.rmtree(folder, ignore_errors=True)
        self.sessions = folder / "sessions"
        self.sessions.mkdir(parents=True)
        self.environment = {
            **os.environ,
            "ENGINE": engine,
            "USERS": str(folder / "users.sqlite3"),
            "USE_TZ": "1" if use_tz else "0",
            "SECRET_KEY": self.key,
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_RUNSERVER_HIDE_WARNING": "true",
        }
        if self.kind == "file":
            self.environment["SESSION_FOLDER"] = str(self.sessions)

    def start(self):
        self.password = self.users.copy_to(self.environment["USERS"])
        if self.engine in ("db:postgres", "db:mysql"):
            manage(self.environment, "migrate", "--verbosity", "0", "--database", "sessions")
        address = free_address()
        self.django = self._start("django", address, [sys.executable, SITE, "runserver", "--noreload", address], {})
        self.rust = self._start_service("rust", {})

    @cached_property
    def rotated(self):
        """A service that has a new key, and the site's key as a fallback."""
        return self._start_service("rotated", {"SECRET_KEY": secrets.token_urlsafe(50), "SECRET_KEY_FALLBACKS": self.key})

    @cached_property
    def foreign(self):
        """A service that does not have the site's key."""
        return self._start_service("foreign", {"SECRET_KEY": secrets.token_urlsafe(50)})

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop_server(self):
        subprocess.run([SERVERS, "stop", self.servers, self.server], check=True)

    def start_server(self):
        subprocess.run([SERVERS, "start", self.servers, self.server], check=True)

    def _start_service(self, name, settings):
        address = free_address()
        return self._start(name, address, [SERVICE], {**settings, "ADDRESS": address})

    def _start(self, name, address, command, settings):
        log = self.enter_context(open(self.folder / f"{name}.log", "wb"))
        process = subprocess.Popen(command, env={**self.environment, **settings}, stdout=log, stderr=log)
        self.callback(process.wait)
        self.callback(process.terminate)
        host, _, port = address.partition(":")
        for _ in range(300):
            if process.poll() is not None:
                break
            try:
                socket.create_connection((host, int(port)), 1).close()
                return f"http://{address}"
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{name} did not start:\n{self.log(name)}")
