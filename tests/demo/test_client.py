"""The demo's torrent client."""

import socket
import threading

from labkeeper.demo.client import Shares, serve


def test_a_port_that_is_let_go_is_waited_for() -> None:
    """A demo that was killed holds its port for a moment, and the next start goes on."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        threading.Timer(0.3, holder.close).start()
        end = serve(port, Shares())
    end()
