"""A dialogue by pyrad, which shares nothing with Otpost: every reply verified, its Message-Authenticator first.

Run as: pyrad_replies.py SERVER:PORT SECRET BASE_URL FOLDER
"""

import json
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from pyrad.client import Client, Timeout
from pyrad.dictionary import Dictionary
from pyrad.packet import AccessAccept, AccessChallenge, AccessReject, AccessRequest, StatusServer

address, secret, base, folder = sys.argv[1:5]
server, port = address.rsplit(":", 1)
names = Path(folder) / "dictionary"
names.write_text(
    "ATTRIBUTE User-Name 1 string\nATTRIBUTE User-Password 2 octets\nATTRIBUTE Reply-Message 18 string\n"
    "ATTRIBUTE State 24 octets\nATTRIBUTE Session-Timeout 27 integer\nATTRIBUTE Message-Authenticator 80 octets\n"
)
client = Client(server=server, authport=int(port), secret=secret.encode(), dict=Dictionary(str(names)))


def request(typed, state=None):
    asked = client.CreateAuthPacket(code=AccessRequest, User_Name="alice", message_authenticator=False)
    asked["User-Password"] = asked.PwCrypt(typed)
    if state is not None:
        asked["State"] = state
    return asked


def ask(asked):
    client.timeout, client.retries = 10, 1
    asked.add_message_authenticator()
    reply = client.SendPacket(asked)
    first = list(reply.raw_packet[20:22])
    assert first == [80, 18], f"Message-Authenticator stands first, not {first}"
    assert reply.verify_message_authenticator(original_authenticator=asked.authenticator), "it verifies"
    return reply


def code():
    for _ in range(500):
        for mail in json.load(urlopen(base + "/mailbox.json")):
            for line in mail["text"].splitlines():
                if len(line) == 6 and line.isdigit():
                    return line
        time.sleep(0.01)
    raise AssertionError("no mail came within five seconds")


def unanswered(asked):
    client.timeout, client.retries = 1, 1
    try:
        client.SendPacket(asked)
    except Timeout:
        return
    raise AssertionError("a request without Message-Authenticator was answered")


unanswered(request("demo"))
challenge = ask(request("demo"))
assert challenge.code == AccessChallenge, challenge.code
assert challenge["Reply-Message"] == ["Enter the code sent to your e-mail address."]
assert 100 < challenge["Session-Timeout"][0] <= 120
state, typed = challenge["State"][0], code()
unanswered(request(typed, state))
wrong = "000001" if typed == "000000" else "000000"
assert ask(request(wrong, state)).code == AccessReject
assert ask(request(typed, state)).code == AccessAccept
assert ask(request(typed, state)).code == AccessReject, "once"
status = client.CreateAuthPacket(code=StatusServer)
assert ask(status).code == AccessAccept
print("the dialogue is over")
