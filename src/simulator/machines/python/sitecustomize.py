"""Shows Python the network as the simulated instance sees it for which this process runs.

Names are resolved and connections opened by way of the simulator, which knows the instance's VPC: it answers as AWS's
resolver would, and lets a connection through, refuses it or says nothing. Nothing else is changed.
"""

import os

_way = os.environ.get("SIMULATED_NETWORK")

if _way:
    import errno
    import socket
    import ssl

    _port, _token = _way.split(":")
    _simulator = ("127.0.0.1", int(_port))
    _connect = socket.socket.connect
    _getaddrinfo = socket.getaddrinfo
    _load_default_certs = ssl.SSLContext.load_default_certs

    def _is_own(host):
        return host in (None, "", "localhost") or str(host).startswith("127.")

    def _is_address(host):
        try:
            socket.inet_aton(host)
            return host.count(".") == 3
        except OSError:
            return False

    def _ask(name):
        with socket.socket() as asking:
            _connect(asking, _simulator)
            asking.sendall(("RESOLVE %s %s\n" % (_token, name)).encode())
            return asking.makefile().read().split()

    def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode()
        if _is_own(host) or _is_address(host):
            return _getaddrinfo(host, port, family, type, proto, flags)
        verdict, *addresses = _ask(host)
        if verdict == "AGAIN":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = [_getaddrinfo(one, port, family, type, proto, flags) for one in addresses]
        return [entry for entries in found for entry in entries]

    def connect(self, address):
        if self.family != socket.AF_INET or _is_own(address[0]):
            return _connect(self, address)
        host = getaddrinfo(address[0], address[1], socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
        patience = self.gettimeout()
        if patience == 0:
            self.settimeout(60)
        try:
            _connect(self, _simulator)
            self.sendall(("CONNECT %s %s %d\n" % (_token, host, address[1])).encode())
            verdict = self.recv(1)
        finally:
            self.settimeout(patience)
        if verdict == b"o":
            return None
        if verdict == b"r":
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    def connect_ex(self, address):
        try:
            connect(self, address)
            return 0
        except OSError as error:
            return error.errno or errno.ETIMEDOUT

    def load_default_certs(self, purpose=ssl.Purpose.SERVER_AUTH):
        """The simulator signs for AWS's names itself, as nobody else would."""
        self.load_verify_locations(cadata=os.environ["SIMULATED_AUTHORITY"])

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = connect
    socket.socket.connect_ex = connect_ex
    ssl.SSLContext.load_default_certs = load_default_certs
