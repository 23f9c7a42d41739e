"""The pages' own tests (web/tests), run against real servers, and the pictures for the documentation that they take."""

import os
import shutil
import subprocess

MOST_BYTES = 160_000  # of a picture


class PageTests:
    def __init__(self, root, build):
        self.folder = root / "web"
        self._pictures = root / "docs/images"
        assert (build / "pages/index.html").exists(), "the pages were not built (cmake -DWAYBILL_WEB=ON)"
        assert shutil.which("chromium") or os.environ.get("CHROMIUM"), "chromium is missing: bin/setup --test"

    def run(self, *files, **variables):
        command = ["npx", "vitest", "run", "--config", "vitest.pages.config.ts", *files]
        result = subprocess.run(command, cwd=self.folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=600)
        assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
        assert "passed" in result.stdout

    def run_with_pictures(self, directory, *files, **variables):
        """The same, with files that take pictures. With WAYBILL_APPROVE=1 these become the documentation's."""
        self.run(*files, WAYBILL_WEB_PICTURES=str(directory), **variables)
        made = sorted(directory.glob("*.png"))
        assert made
        for picture in made:
            assert picture.stat().st_size < MOST_BYTES, picture.name
            if os.environ.get("WAYBILL_APPROVE"):
                self._pictures.mkdir(exist_ok=True)
                shutil.copy(picture, self._pictures)
            assert (self._pictures / picture.name).exists(), f"docs/images/{picture.name} is missing: WAYBILL_APPROVE=1 makes it"
