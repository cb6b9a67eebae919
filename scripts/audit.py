"""Looks for known vulnerabilities in the pinned dependencies, where the service that knows of them is reached."""

import subprocess
import sys
import urllib.error
import urllib.request
from http import HTTPStatus

#: Open Source Vulnerabilities, whose database pip-audit asks.
SERVICE = "https://api.osv.dev"
SECONDS = 10


def reached() -> bool:
    """Whether the service answers."""
    try:
        with urllib.request.urlopen(SERVICE, timeout=SECONDS):
            return True
    except urllib.error.HTTPError as error:
        return error.code == HTTPStatus.NOT_FOUND  # it has no front page
    except (OSError, ValueError):
        return False


def main() -> int:
    if not reached():
        print("pip-audit: skipped, its service (osv.dev) is not reached from here")
        return 0
    words = ["pip_audit", "--requirement", "constraints.txt", "--disable-pip", "--no-deps", "--progress-spinner", "off"]
    words += ["--vulnerability-service", "osv"]
    return subprocess.run([sys.executable, "-m", *words], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
