"""A headless Chromium for tests, without a network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# The later ones keep a browser that has no network from asking for it.
ARGUMENTS = (
    *('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'),
    *('--disable-background-networking', '--disable-component-update', '--disable-sync'),
    *(
        '--disable-dev-shm-usage',
        '--window-size=1000,700',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ),
)


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """A selenium driver; skips the test where there is no Chromium or no selenium."""
    webdriver = pytest.importorskip('selenium.webdriver')
    browser, driver = shutil.which('chromium'), shutil.which('chromedriver')
    if not browser or not driver:
        pytest.skip('needs chromium and chromedriver (Debian: chromium chromium-driver)')
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (*ARGUMENTS, f'--user-data-dir={profile}'):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    service = webdriver.ChromeService(executable_path=driver)
    running = webdriver.Chrome(options=options, service=service)
    try:
        yield running
    finally:
        running.quit()
