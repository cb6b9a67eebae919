"""`onmodel mcp`: the four tasks as tools of an assistant."""


def mcp() -> None:
    """Offer the tasks as tools to an assistant on this machine (Model Context Protocol over stdio; extra mcp)."""
    from stages import extras
    from stages.errors import ConfigError

    try:
        from pipeline import mcp_server

        server = mcp_server.server()
    except ImportError as error:
        raise ConfigError(f"this needs the extra: {extras.install('mcp')} ({error.name} is missing)") from error
    server.run("stdio")
