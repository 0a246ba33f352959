"""What pip's many lines about a failure come down to: one sentence. Imports the standard library only."""

import sysconfig

_NO_NETWORK = ("Connection", "Resolution", "Timeout", "timed out", "SSLError", "ProxyError", "Retrying")


def explain(said: str, title: str, instead: str) -> str:
    """``said``: pip's output; ``title``: what was wanted; ``instead``: what to do where PyPI has none."""
    if "No space left" in said:
        return f"The disk is full: {title} did not fit. Make room and try again."
    if "DO NOT MATCH THE HASHES" in said:
        return f"{title} is not what it was when it was pinned (SHA-256 differs). Not used; try again later."
    if any(sign in said for sign in _NO_NETWORK):
        return (
            f"Cannot fetch {title}: PyPI does not answer. Is this machine connected to the internet? "
            "Once fetched, no network is needed."
        )
    if "No matching distribution" in said or "not a supported wheel" in said:
        wanted = next(
            (line.rpartition(" for ")[2] for line in said.splitlines() if "No matching distribution" in line), ""
        )
        named = f" ({wanted})" if wanted else ""
        return f"There is no {title}{named} on PyPI for this machine ({sysconfig.get_platform()}). {instead}"
    errors = [line for line in said.splitlines() if line.startswith("ERROR")]
    return f"Cannot fetch {title}: {errors[-1] if errors else said[-300:]}"
