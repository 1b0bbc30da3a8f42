"""Is a port that cannot be had refused with a plain sentence?"""

import socket

import pytest

from beratung.port import refusal


def test_a_free_port_is_accepted():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert refusal(str(port)) == ""


def test_a_port_in_use_is_refused():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert refusal(str(port)) == f"Port {port} ist schon belegt. Anderer Port: make run PORT=8001"


@pytest.mark.parametrize("port", ["", "0", "65536", "achttausend", "-1", "80 80", "８０００"])
def test_nonsense_is_refused(port):
    assert refusal(port) == f"PORT={port} ist keine Portnummer (1 bis 65535)."
