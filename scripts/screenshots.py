"""Take the pictures of the README from a fresh demo: `make screenshots`, which needs chromium."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("SENDTRAIL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def main() -> None:
    if not CHROMIUM:
        sys.exit("error: no chromium, and SENDTRAIL_CHROMIUM names none")
    PICTURES.mkdir(parents=True, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="sendtrail-pictures-"))
    data.chmod(0o711)
    program = [str(ROOT / ".venv" / "bin" / "sendtrail"), "demo", "--port", "8029", "--data", str(data)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as demo:
        try:
            _take(_told(demo))
        finally:
            demo.terminate()
    shutil.rmtree(data)


def _take(told: dict[str, str]) -> None:
    arguments = QUIET if os.geteuid() else [*QUIET, "--no-sandbox"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(
            base_url=told["Sendtrail is at"], viewport={"width": 1280, "height": 860}, device_scale_factor=1.5
        )
        _sign_in(page, told)
        page.goto("/reports?period=last_90_days")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / "reports.png")
        page.goto("/sends?status=returned,rerouted")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / "tracker.png")
        page.locator("tbody a[href^='/sends/']").first.click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / "piece.png")
        browser.close()


def _told(demo: "subprocess.Popen[str]") -> dict[str, str]:
    """The last word of each line that tells how to look in."""
    told: dict[str, str] = {}
    for line in demo.stdout or ():
        for words in ("Sendtrail is at", "e-mail", "password"):
            if line.strip().startswith(words):
                told[words] = line.split()[-1]
        if len(told) == 3:
            return told
    sys.exit("error: the demo ended before it told where it is")


def _sign_in(page: Page, told: dict[str, str]) -> None:
    page.goto("/login")
    page.get_by_label("E-mail address").fill(told["e-mail"])
    page.get_by_label("Password").fill(told["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/reports*")


if __name__ == "__main__":
    main()
