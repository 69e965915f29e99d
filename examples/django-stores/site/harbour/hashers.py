from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Quick(PBKDF2PasswordHasher):
    """Django's, but with few iterations, because the checks log in hundreds of times. Not for a real site."""

    iterations = 10_000
