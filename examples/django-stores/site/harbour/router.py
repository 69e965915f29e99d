class Sessions:
    """Keeps the sessions in the database `sessions`, if there is one."""

    def db_for_read(self, model, **hints):
        from django.conf import settings

        is_session = model._meta.app_label == "sessions"
        return "sessions" if is_session and "sessions" in settings.DATABASES else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return db == "default" or app_label == "sessions"
