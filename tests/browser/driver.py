"""A Chromium that does with the studio what a person would: drops, clicks, strokes, drags, keys."""

import base64
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

selenium = pytest.importorskip("selenium", reason="needs selenium, and Chromium with its driver")

from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

__all__ = ["Keys", "Page"]
DRIVER = shutil.which("chromedriver")
#: The script of axe-core from npm, which looks for what keeps people with impairments out.
AXE = os.environ.get("ONMODEL_AXE")
_DROP = """
const [name, data] = arguments;
const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
const held = new DataTransfer();
held.items.add(new File([bytes], name, { type: "image/png" }));
const dropped = new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
document.getElementById("drop").dispatchEvent(dropped);
"""
_FETCH = """
const done = arguments[1];
fetch(arguments[0]).then((answer) => answer.arrayBuffer()).then((buffer) => {
  let text = ""; new Uint8Array(buffer).forEach((each) => { text += String.fromCharCode(each); }); done(btoa(text));
});
"""


class Page:
    """The studio's page in a window of its own."""

    def __init__(self, address: str, width: int, height: int, shots: Path | None = None) -> None:
        if DRIVER is None:
            pytest.skip("needs chromedriver on the path")
        options = webdriver.ChromeOptions()
        for each in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
            options.add_argument(each)
        options.add_argument(f"--window-size={width},{height}")
        if width < 600:
            metrics = {"width": width, "height": height, "pixelRatio": 1}
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.browser: Any = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.browser.set_page_load_timeout(120)
        self.browser.set_script_timeout(120)
        self.width, self.shots = width, shots
        self.browser.get(address)

    def one(self, selector: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def every(self, selector: str) -> list[Any]:
        found: list[Any] = self.browser.find_elements(By.CSS_SELECTOR, selector)
        return found

    def text(self, selector: str) -> str:
        return str(self.one(selector).text)

    def wait(self, what: Callable[[], Any], seconds: float = 600, said: str = "") -> Any:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                found = what()
            except selenium.common.exceptions.WebDriverException:
                found = None
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError(f"waited for {said or what}; the page says {self.text('#status')!r}")

    def says(self, words: str) -> None:
        """Waits until the command holds these words."""
        self.wait(lambda: words in self.command(), said=words)

    def ready(self) -> None:
        self.wait(lambda: self.text("#status") == "Ready", said="Ready")

    def drop(self, photo: Path) -> None:
        self.browser.execute_script(_DROP, photo.name, base64.b64encode(photo.read_bytes()).decode())

    def tool(self, name: str) -> None:
        self.one(f"[data-tool={name}]").click()
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", self.one("#view"))

    def press(self, selector: str) -> None:
        self.browser.execute_script("arguments[0].click()", self.one(selector))

    def where(self, x: float, y: float, width: float, height: float) -> tuple[int, int]:
        """Returns where a point of a picture that fits the view lies, from the view's middle."""
        box = self.one("#view").size
        scale = min(box["width"] / width, box["height"] / height) * 0.96
        return round((x - width / 2) * scale), round((y - height / 2) * scale)

    def blank(self) -> None:
        """Takes the status away, so that the next `ready` waits for what comes now."""
        self.browser.execute_script("document.getElementById('status').textContent = ''")

    def marked(self, x: int, y: int) -> None:
        """Clicks a point of the view, by its place from the middle."""
        self.blank()
        ActionChains(self.browser, duration=0).move_to_element_with_offset(self.one("#view"), x, y).click().perform()

    def drag(self, start: tuple[int, int], by: tuple[int, int]) -> None:
        chain = ActionChains(self.browser, duration=50).move_to_element_with_offset(self.one("#view"), *start)
        chain = chain.click_and_hold().move_by_offset(by[0] // 2, by[1] // 2)
        chain.move_by_offset(by[0] - by[0] // 2, by[1] - by[1] // 2).release().perform()

    def pull(self, what: Any, by: tuple[int, int]) -> None:
        """Drags an element's middle."""
        ActionChains(self.browser, duration=50).click_and_hold(what).move_by_offset(*by).release().perform()

    def fetch(self, address: str) -> bytes:
        return base64.b64decode(self.browser.execute_async_script(_FETCH, address))

    def command(self) -> str:
        return self.text("#command")

    def shot(self, name: str) -> None:
        """Keeps the whole page as a picture, where somebody asked for them."""
        if self.shots is None:
            return
        height = min(int(self.browser.execute_script("return document.documentElement.scrollHeight")), 6000)
        clip = {"x": 0, "y": 0, "width": self.width, "height": height, "scale": 1}
        found = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        (self.shots / f"{self.width}-{name}.png").write_bytes(base64.b64decode(found["data"]))

    def barriers(self) -> list[str]:
        """Returns the serious faults that axe finds on the page as it is."""
        if AXE is None:
            return []
        self.browser.execute_cdp_cmd("Runtime.evaluate", {"expression": Path(AXE).read_text(encoding="utf-8")})
        found = self.browser.execute_async_script("axe.run().then(arguments[0])")
        assert len(found["passes"]) > 20
        return [
            f"{each['impact']}: {each['id']}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]

    def complaints(self) -> list[str]:
        """Returns the errors in the browser's console since the last look."""
        return [each["message"] for each in self.browser.get_log("browser") if each["level"] == "SEVERE"]

    def close(self) -> None:
        self.browser.quit()
