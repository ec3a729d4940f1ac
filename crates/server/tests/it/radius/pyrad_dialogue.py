"""One RADIUS request by pyrad, which checks the reply's authenticators itself; prints the reply as JSON.

    pyrad_dialogue.py ADDRESS PORT SECRET METHOD USER TYPED [STATE]

METHOD is pap, chap or mschap2, STATE is hexadecimal. What MS-CHAPv2 shows and makes is computed here a second
time, after RFC 2759, 2548 and 3079, and held against the reply.
"""

import hashlib
import io
import json
import os
import sys

from Crypto.Cipher import DES
from Crypto.Hash import MD4
from pyrad import packet
from pyrad.client import Client
from pyrad.dictionary import Dictionary

DICTIONARY = """
ATTRIBUTE User-Name 1 string
ATTRIBUTE User-Password 2 octets
ATTRIBUTE CHAP-Password 3 octets
ATTRIBUTE Filter-Id 11 string
ATTRIBUTE Reply-Message 18 string
ATTRIBUTE State 24 octets
ATTRIBUTE Session-Timeout 27 integer
ATTRIBUTE CHAP-Challenge 60 octets
ATTRIBUTE Message-Authenticator 80 octets
VENDOR Microsoft 311
BEGIN-VENDOR Microsoft
ATTRIBUTE MS-CHAP-Error 2 octets
ATTRIBUTE MS-MPPE-Encryption-Policy 7 octets
ATTRIBUTE MS-MPPE-Encryption-Types 8 octets
ATTRIBUTE MS-CHAP-Challenge 11 octets
ATTRIBUTE MS-MPPE-Send-Key 16 octets
ATTRIBUTE MS-MPPE-Recv-Key 17 octets
ATTRIBUTE MS-CHAP2-Response 25 octets
ATTRIBUTE MS-CHAP2-Success 26 octets
END-VENDOR Microsoft
"""


def des(key, block):
    bits = int.from_bytes(key, "big")
    spread = bytes(((bits >> (49 - 7 * number)) & 0x7F) << 1 for number in range(8))
    return DES.new(spread, DES.MODE_ECB).encrypt(block)


class MsChap2:
    def __init__(self, user, typed):
        self.server, self.peer = os.urandom(16), os.urandom(16)
        self.hash = MD4.new(typed.encode("utf-16-le")).digest()
        name = user.split("\\")[-1].encode()
        self.challenge = hashlib.sha1(self.peer + self.server + name).digest()[:8]
        key = self.hash + bytes(5)
        self.response = b"".join(des(key[at : at + 7], self.challenge) for at in (0, 7, 14))

    def value(self):
        return bytes([9, 0]) + self.peer + bytes(8) + self.response

    def success(self):
        twice = MD4.new(self.hash).digest()
        first = hashlib.sha1(twice + self.response + b"Magic server to client signing constant").digest()
        last = hashlib.sha1(first + self.challenge + b"Pad to make it do more than one iteration").hexdigest()
        return b"\x09S=" + last.upper().encode()

    def keys(self):
        twice = MD4.new(self.hash).digest()
        master = hashlib.sha1(twice + self.response + b"This is the MPPE Master Key").digest()[:16]

        def start(at_client, at_server):
            said = f"On the client side, this is the {at_client} key; on the server side, it is the {at_server} key."
            return hashlib.sha1(master + bytes(40) + said.encode() + b"\xf2" * 40).digest()[:16]

        return {"MS-MPPE-Send-Key": start("receive", "send"), "MS-MPPE-Recv-Key": start("send", "receive")}


def revealed(value, secret, authenticator):
    salt, hidden = value[:2], value[2:]
    assert salt[0] & 0x80, "the highest bit of a salt is set"
    before, clear = secret + authenticator + salt, b""
    for at in range(0, len(hidden), 16):
        block = hidden[at : at + 16]
        clear += bytes(a ^ b for a, b in zip(block, hashlib.md5(before).digest()))
        before = secret + block
    return clear[1 : 1 + clear[0]]


def main(address, port, secret, method, user, typed, state=""):
    secret = secret.encode()
    client = Client(address, authport=int(port), secret=secret, dict=Dictionary(io.StringIO(DICTIONARY)))
    client.timeout, client.retries = 5, 2
    request = client.CreateAuthPacket(code=packet.AccessRequest, User_Name=user)
    if state:
        request["State"] = bytes.fromhex(state)
    chap = MsChap2(user, typed)
    if method == "pap":
        request["User-Password"] = request.PwCrypt(typed)
    elif method == "chap":
        challenge = os.urandom(16)
        request["CHAP-Challenge"] = challenge
        request["CHAP-Password"] = b"\x07" + hashlib.md5(b"\x07" + typed.encode() + challenge).digest()
    else:
        request["MS-CHAP-Challenge"] = chap.server
        request["MS-CHAP2-Response"] = chap.value()
    request.add_message_authenticator()
    reply = client.SendPacket(request)
    assert reply.verify_message_authenticator(original_authenticator=request.authenticator, original_code=request.code)

    told = {"code": reply.code}
    for key in ("State", "Reply-Message", "Filter-Id", "MS-CHAP-Error"):
        if key in reply:
            value = reply[key][0]
            told[key] = value if isinstance(value, str) else value.hex() if key == "State" else value.decode("latin-1")
    if "MS-CHAP2-Success" in reply:
        assert reply["MS-CHAP2-Success"][0] == chap.success(), "the server knows the code too"
        for key, expected in chap.keys().items():
            assert revealed(reply[key][0], secret, request.authenticator) == expected, key
        salts = {bytes(reply[key][0][:2]) for key in chap.keys()}
        assert len(salts) == 2, "no salt twice"
        told["keys"] = True
    print(json.dumps(told))


main(*sys.argv[1:])
