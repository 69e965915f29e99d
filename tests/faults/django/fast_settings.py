"""The settings of examples/shared-login, with a fast password hash."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from harbour.settings import *


class Fast(PBKDF2PasswordHasher):
    """Django's, but with one iteration, because the browsers sign in thousands of times. Not for a real site."""

    iterations = 1


PASSWORD_HASHERS = [f"{__name__}.Fast"]
# Django sets the process's zone, in which libfaketime reads the clock's file.
TIME_ZONE = "UTC"
