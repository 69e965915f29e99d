"""A small site with Django's defaults. The environment says which session engine it has."""

import os

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
PASSWORD_HASHERS = ["harbour.hashers.Quick"]
ROOT_URLCONF = "harbour.urls"
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = os.environ.get("USE_TZ") != "0"
TIME_ZONE = "Europe/Berlin"

# The users are always in SQLite. The sessions may be in another database.
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["USERS"]}}
DATABASE_ROUTERS = ["harbour.router.Sessions"]

engine, _, server = os.environ["ENGINE"].partition(":")


def database(name, backend):
    # An address is scheme://user@host:port/database.
    user, _, rest = os.environ[name].partition("://")[2].partition("@")
    host, _, rest = rest.partition(":")
    port, _, database = rest.partition("/")
    return {"ENGINE": f"django.db.backends.{backend}", "NAME": database, "USER": user, "HOST": host, "PORT": port}


if server == "postgres":
    DATABASES["sessions"] = database("HARDTACK_POSTGRES", "postgresql")
elif server == "mysql":
    import pymysql

    # Django asks for mysqlclient, and PyMySQL speaks for it.
    pymysql.version_info = (2, 2, 1, "final", 0)
    pymysql.install_as_MySQLdb()
    DATABASES["sessions"] = database("HARDTACK_MYSQL", "mysql")
elif server == "redis":
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["HARDTACK_REDIS"],
        }
    }
elif server == "django_redis":
    CACHES = {
        "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": os.environ["HARDTACK_REDIS"]}
    }
elif server == "memcached":
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": os.environ["HARDTACK_MEMCACHED"],
        }
    }

SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
SESSION_FILE_PATH = os.environ.get("SESSION_FOLDER")
