"""Attacks: reaching anything outside through a socket."""

TEXT = """
# %% TCP connection
import socket
socket.create_connection(("127.0.0.1", tcp), 2)
won = True

# %% TCP server
import socket
socket.create_server(("127.0.0.1", 0))
won = True

# %% UDP datagram
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", udp))
won = True

# %% Unix socket of another program
import socket
socket.socket(socket.AF_UNIX).connect(outside + "/socket")
won = True

# %% abstract Unix socket
import socket
socket.socket(socket.AF_UNIX).connect("\\0" + abstract)
won = True

# %% datagram through a socket pair
import socket
one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
one.sendto(b"x", outside + "/log")
won = True

# %% name look-up
import socket
socket.getaddrinfo("localhost", 80)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 53))
won = True

# %% netlink and raw sockets | needs: root for the raw one
import socket
for family, kind in ((16, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW), (40, 1), (38, 5)):
    try:
        socket.socket(family, kind)
        won, said = True, f"family {family}"
    except OSError:
        pass
"""
