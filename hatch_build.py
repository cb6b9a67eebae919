"""Writes the addresses of the project into the package, from where it is built: a fork's package names the fork."""

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Addresses(MetadataHookInterface):
    """Sets `[project.urls]` by GITHUB_SERVER_URL and GITHUB_REPOSITORY, which every GitHub workflow has."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Leaves the table empty where the package is built elsewhere."""
        repository = os.environ.get("GITHUB_REPOSITORY")
        if not repository:
            metadata["urls"] = {}
            return
        home = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
        owner, name = repository.split("/")
        metadata["urls"] = {
            "Repository": home,
            "Documentation": f"https://{owner}.github.io/{name}/",
            "Changelog": f"{home}/blob/main/CHANGELOG.md",
            "Issues": f"{home}/issues",
        }
