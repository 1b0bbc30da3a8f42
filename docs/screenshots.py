"""What does it look like? Takes the pictures of docs/screenshots/ anew: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent / "screenshots"
ROOT = FOLDER.parents[1]
PAGES = {
    "start": "/",
    "ergebnisse": "/?ort=Bortfeld",
    "ausschuss": "/kreise/peine/",
}
WIDTHS = (360, 1280)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
SECONDS_TO_START = 60


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{scratch}/db.sqlite3", "DEPLOYMENT": "local"}
        for command in ("migrate --verbosity 0", "load_peine", "collectstatic --noinput --verbosity 0"):
            subprocess.run([sys.executable, "manage.py", *command.split()], cwd=ROOT, env=environment, check=True)
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "beratung.wsgi", "--bind", f"127.0.0.1:{port}"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            take_pictures(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def take_pictures(address: str) -> None:
    wait_for(address)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 900}, locale="de-DE")
            for name, path in PAGES.items():
                page.goto(address + path)
                page.screenshot(path=FOLDER / f"{name}-{width}.png")
                print(f"docs/screenshots/{name}-{width}.png")
        browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str) -> None:
    for _ in range(SECONDS_TO_START * 10):
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise SystemExit("Der Server antwortet nicht.")


if __name__ == "__main__":
    main()
