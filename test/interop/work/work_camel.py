# SPDX-License-Identifier: MIT
"""Evolution's Camel.  Its first argument is the file of the IMAP provider.  What
it has seen it keeps under WORK_FOLDER, so that it comes back by QRESYNC."""

import ctypes
import pathlib
import ssl
import sys

import gi
gi.require_version("Camel", "1.2")
# pylint: disable=wrong-import-position
from gi.repository import Camel, Gio, GLib     # noqa: E402

from serve import say, serve, where            # noqa: E402

FLAGS = {"\\Answered": Camel.MessageFlags.ANSWERED,
         "\\Deleted": Camel.MessageFlags.DELETED,
         "\\Draft": Camel.MessageFlags.DRAFT,
         "\\Flagged": Camel.MessageFlags.FLAGGED,
         "\\Seen": Camel.MessageFlags.SEEN}


# Lists of UIDs are strings of Camel's pool, which the bindings of Python would
# free: these functions are called as C has them.
LIBRARY = ctypes.CDLL("libcamel-1.2.so.64")
GLIB = ctypes.CDLL("libglib-2.0.so.0")


class Uids(ctypes.Structure):
    """GPtrArray"""
    _fields_ = [("all", ctypes.POINTER(ctypes.c_char_p)),
                ("count", ctypes.c_uint)]


for function in (LIBRARY.camel_folder_get_uids,
                 LIBRARY.camel_folder_search_by_expression,
                 GLIB.g_ptr_array_new):
    function.restype = ctypes.POINTER(Uids)


def address(thing):
    return ctypes.c_void_p(hash(thing))


def take_uids(folder, uids):
    if not uids:
        raise RuntimeError("refused")
    found = [uids.contents.all[at].decode()
             for at in range(uids.contents.count)]
    LIBRARY.camel_folder_free_uids(address(folder), uids)
    return sorted(found, key=int)


class Info(ctypes.Structure):
    """The head of a CamelFolderInfo, whose links are bare addresses here."""
    _fields_ = [("next", ctypes.c_void_p), ("parent", ctypes.c_void_p),
                ("child", ctypes.c_void_p), ("full_name", ctypes.c_char_p)]


def names_from(place):
    while place:
        info = Info.from_address(place)
        yield info.full_name.decode()
        yield from names_from(info.child)
        place = info.next


class Session(Camel.Session):
    def do_authenticate_sync(self, service, mechanism, cancellable):
        service.set_password(where("PASSWORD"))
        result = service.authenticate_sync(mechanism, cancellable)
        return result == Camel.AuthenticationResult.ACCEPTED

    def do_trust_prompt(self, service, certificate, errors):
        """No user is asked: it has to be the one we know."""
        known = pathlib.Path(where("CERTIFICATE")).read_text()
        same = ssl.PEM_cert_to_DER_cert(known) \
            == ssl.PEM_cert_to_DER_cert(certificate.props.certificate_pem)
        return Camel.CertTrust.TEMPORARY if same else Camel.CertTrust.NEVER


class Work:
    account = folder = session = None

    def connect(self):
        base = where("FOLDER")
        Camel.init(base + "/data", False)
        Camel.provider_load(sys.argv[1])
        self.session = Session(user_data_dir=base + "/data",
                               user_cache_dir=base + "/cache")
        self.session.set_online(True)
        self.account = self.session.add_service("work", "imapx",
                                              Camel.ProviderType.STORE)
        implicit = where("LISTENER") == "imaps"
        method = Camel.NetworkSecurityMethod
        settings = self.account.ref_settings()
        for name, value in {
                "host": where("HOST"), "port": int(where("PORT")),
                "user": where("USER"), "auth-mechanism": "PLAIN",
                "use-qresync": True, "use-idle": True,
                "use-subscriptions": False,
                "security-method": method.SSL_ON_ALTERNATE_PORT if implicit
                else method.STARTTLS_ON_STANDARD_PORT}.items():
            settings.set_property(name, value)
        self.account.set_online_sync(True, None)
        self.account.connect_sync(None)
        self.list()

    def logout(self):
        self.account.disconnect_sync(True, None)

    def list(self):
        found = self.account.get_folder_info_sync(
            None, Camel.StoreGetFolderInfoFlags.RECURSIVE
            | Camel.StoreGetFolderInfoFlags.REFRESH, None)
        return [found.full_name, *names_from(found.child),
                *names_from(found.next)]

    def create(self, name):
        parent, _, last = name.rpartition("/")
        if parent and parent not in self.list():
            self.create(parent)
        self.account.create_folder_sync(parent or None, last, None)

    def rename(self, old, new):
        self.account.rename_folder_sync(old, new, None)

    def delete(self, name):
        self.account.delete_folder_sync(name, None)

    def open(self, name):
        return self.account.get_folder_sync(
            name, Camel.StoreGetFolderFlags.NONE, None)

    def append(self, mailbox, octets, *flags):
        message = Camel.MimeMessage.new()
        message.construct_from_input_stream_sync(
            Gio.MemoryInputStream.new_from_data(bytes.fromhex(octets)), None)
        info = Camel.MessageInfo.new(None)
        for flag in flags:
            info.set_flags(FLAGS[flag], FLAGS[flag])
        self.open(mailbox).append_message_sync(message, info, None)

    def select(self, mailbox):
        self.folder = self.open(mailbox)
        self.folder.refresh_info_sync(None)
        return [self.folder.get_message_count()]

    def uids(self):
        return take_uids(self.folder, LIBRARY.camel_folder_get_uids(
            address(self.folder)))

    def search(self, text):
        wanted = f'(match-all (header-contains "Subject" "{text}"))'
        return take_uids(
            self.folder, LIBRARY.camel_folder_search_by_expression(
                address(self.folder), wanted.encode(), None, None))

    def read(self, uid):
        """As it lies in its cache, since it writes a parsed message with
        other line ends.  The folder is cur/, not cache/ as get_filename()
        thinks."""
        self.folder.get_message_sync(uid, None)
        path = pathlib.Path(self.folder.get_filename(uid))
        there = path.parents[2] / "cur" / path.parent.name / uid
        return [there.read_bytes().hex()]

    def flags(self, uid):
        info = self.folder.get_message_info(uid)
        words = info.dup_user_flags()
        count = words.get_length() if words else 0
        return [name for name, bit in FLAGS.items() if info.get_flags() & bit] \
            + [words.get(at) for at in range(count)]

    def store(self, uid, sign, flag):
        info = self.folder.get_message_info(uid)
        if flag in FLAGS:
            bit = FLAGS[flag]
            info.set_flags(bit, bit if sign == "+" else 0)
        else:
            info.set_user_flag(flag, sign == "+")
        self.folder.synchronize_sync(False, None)

    def transfer(self, uid, mailbox, away):
        uids = GLIB.g_ptr_array_new()
        text = ctypes.c_char_p(uid.encode())
        GLIB.g_ptr_array_add(uids, text)
        if not LIBRARY.camel_folder_transfer_messages_to_sync(
                address(self.folder), uids, address(self.open(mailbox)), away,
                None, None, None):
            raise RuntimeError("refused")

    def copy(self, uid, mailbox):
        self.transfer(uid, mailbox, False)

    def move(self, uid, mailbox):
        self.transfer(uid, mailbox, True)

    def remove(self, uid):
        self.store(uid, "+", "\\Deleted")
        self.folder.expunge_sync(None)

    def idle(self):
        """It idles by itself, after a moment without work."""
        before = self.folder.get_message_count()
        say("idling")
        while self.folder.get_message_count() == before:
            GLib.MainContext.default().iteration(True)
        return [self.folder.get_message_count()]


serve(Work())
