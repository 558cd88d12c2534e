"""Photograph the console's main pages in a real browser: URL SIGN-IN-LINK FOLDER."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
VIEWPORT = {"width": 1280, "height": 860}


def main(url: str, link: str, folder: Path) -> None:
    """Sign in by the link, then photograph the list, the severest alert and the first template."""
    browser = next((path for path in map(shutil.which, NAMES) if path), None)
    if browser is None:
        sys.exit("error: Chromium is not installed; on Debian: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        page = playwright.chromium.launch(executable_path=browser, args=arguments).new_page(
            viewport=VIEWPORT, device_scale_factor=1.5
        )
        sign_in(page, link)
        page.goto(f"{url}/alerts?view=all")
        photograph(page, folder / "console-alerts.png")
        severest(page).click()
        photograph(page, folder / "console-alert.png")
        page.goto(f"{url}/templates")
        page.locator("tbody tr a").first.click()
        photograph(page, folder / "console-template.png")


def sign_in(page: Page, link: str) -> None:
    """Spend the one-time link."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/alerts*")


def severest(page: Page) -> Locator:
    """The link to the first alert of the highest severity shown that has a preview."""
    rows = page.locator("tbody tr:has(img)")
    for severity in ("critical", "high", "medium", "low"):
        found = rows.filter(has=page.locator(f".severity-{severity}"))
        if found.count():
            return found.first.locator("a.reference")
    sys.exit("error: no alert with a preview is listed; wait until the posts are processed")


def photograph(page: Page, path: Path) -> None:
    """One screen, once its pictures are there."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2], Path(sys.argv[3]))
