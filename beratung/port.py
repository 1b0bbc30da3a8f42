"""Can the web server have this port? Asked by `make run` before anything else, so that nothing fails half-way."""

import socket
import sys


def refusal(port: str) -> str:
    """Return the German reason why the port cannot be used, empty if it can."""
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return f"PORT={port} ist keine Portnummer (1 bis 65535)."
    with socket.socket() as probe:
        # As the server itself does: a port that was given back a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except PermissionError:
            return f"Port {port} ist diesem Benutzer nicht erlaubt. Anderer Port: make run PORT=8001"
        except OSError:
            return f"Port {port} ist schon belegt. Anderer Port: make run PORT=8001"
    return ""


if __name__ == "__main__":
    sys.exit(refusal(sys.argv[1]) or 0)
