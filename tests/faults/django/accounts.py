"""Creates the tables and this many accounts, user0 and so on: `accounts.py NUMBER PASSWORD`."""

import sys

import django

django.setup()

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management import call_command

number, password = int(sys.argv[1]), sys.argv[2]
call_command("migrate", verbosity=0)
User.objects.bulk_create(
    User(username=f"user{at}", password=make_password(password), is_staff=True, is_superuser=True) for at in range(number)
)
