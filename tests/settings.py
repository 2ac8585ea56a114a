"""The product's settings with what only tests need: quick passwords, mail in memory, files under a temporary folder."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("DEBUG", "false")
os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-that-is-long-enough-for-the-check")
os.environ.setdefault("AUDIT_KEY", "tests-only-audit-key")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("BEHIND_HTTPS", "false")

from config.settings import *  # noqa: F403


def own_folder(prefix: str) -> str:
    """A temporary folder of this process alone, removed when it ends. A fork's end leaves it to the process that made it."""
    folder, maker = tempfile.mkdtemp(prefix=prefix), os.getpid()

    def remove() -> None:
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DOCUMENT_ROOT = own_folder("csp-grants-tests-")
CLAMD_URL = ""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STATICFILES_DIRS = []
STATIC_ROOT = own_folder("csp-grants-static-")
