// SPDX-License-Identifier: MIT
//
// The verbs, in Thunderbird.

const { MailServices } = ChromeUtils.importESModule(
	"resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule(
	"resource://gre/modules/Timer.sys.mjs");

const message_window = Cc["@mozilla.org/messenger/msgwindow;1"]
	.createInstance(Ci.nsIMsgWindow);
const server = () => MailServices.accounts.allServers.find(
	(found) => found.type === "imap");

// Run a function with a listener, until that is told of the end.
function listen(start) {
	return new Promise((resolve, reject) => {
		const end = (code) => Components.isSuccessCode(code)
			? resolve() : reject(new Error("refused: " + code));
		start({
			QueryInterface: ChromeUtils.generateQI([
				"nsIUrlListener", "nsIMsgCopyServiceListener"]),
			onStartRunningUrl() {},
			onStopRunningUrl: (url, code) => end(code),
			OnStartRunningUrl() {},
			OnStopRunningUrl: (url, code) => end(code),
			onStartCopy() {},
			onProgress() {},
			setMessageKey() {},
			getMessageId: () => null,
			onStopCopy: end,
		});
	});
}

async function until(condition) {
	while (!condition())
		await new Promise((resolve) => setTimeout(resolve, 20));
}

function path_of(folder) {
	const name = folder.getFlag(Ci.nsMsgFolderFlags.Inbox)
		? "INBOX" : folder.name;
	return folder.parent.isServer
		? name : path_of(folder.parent) + "/" + name;
}

const all = () => server().rootFolder.descendants;

function folder_of(name) {
	const found = all().find((folder) => path_of(folder) === name);
	if (!found)
		throw new Error("no folder " + name);
	return found;
}

const selected = () => folder_of(
	server().getStringValue("work_selected"));
const header = (uid) => {
	const found = selected().GetMessageHeader(Number(uid));
	if (!found)
		throw new Error("no message " + uid);
	return found;
};
const update = (folder) => listen((listener) =>
	MailServices.imap.selectFolder(folder, listener, message_window));
const discover = () => listen((listener) =>
	MailServices.imap.discoverAllFolders(
		server().rootFolder, listener, null));

const verbs = {
	async connect(host, port, implicit, user, password, certificate) {
		if (!server()) {
			const made = MailServices.accounts.createIncomingServer(
				user, host, "imap");
			made.port = port;
			made.socketType = implicit
				? Ci.nsMsgSocketType.SSL
				: Ci.nsMsgSocketType.alwaysSTARTTLS;
			made.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
			made.QueryInterface(Ci.nsIImapIncomingServer)
				.deleteModel = Ci.nsMsgImapDeleteModels.DeleteNoTrash;
			const identity = MailServices.accounts.createIdentity();
			identity.email = user + "@example.org";
			const account = MailServices.accounts.createAccount();
			account.addIdentity(identity);
			account.incomingServer = made;
			MailServices.accounts.createLocalMailAccount();
			made.setIntValue("spamLevel", 0);
		}
		Cc["@mozilla.org/security/certoverride;1"]
			.getService(Ci.nsICertOverrideService)
			.rememberValidityOverride(host, port, {},
				Cc["@mozilla.org/security/x509certdb;1"]
					.getService(Ci.nsIX509CertDB)
					.constructX509FromBase64(certificate), true);
		server().password = password;
		await discover();
		Services.prefs.savePrefFile(null);
	},
	logout: () => server().closeCachedConnections(),
	async list() {
		await discover();
		return all().map(path_of);
	},
	async create(name) {
		const [, above, leaf] = name.match(/^(?:(.*)\/)?([^/]+)$/);
		if (above && !all().some((folder) => path_of(folder) === above))
			await verbs.create(above);
		await listen((listener) => MailServices.imap.createFolder(
			above ? folder_of(above) : server().rootFolder, leaf,
			listener));
		await discover();
	},
	async rename(old, name) {
		await listen((listener) => MailServices.imap.renameLeaf(
			folder_of(old), name.replace(/.*\//, ""), listener, null));
		await discover();
	},
	// As deleteSelf() does after its dialog.
	async delete(name) {
		const folder = folder_of(name);
		await listen((listener) => MailServices.imap.deleteFolder(
			folder, listener, null));
		folder.parent.propagateDelete(folder, true);
	},
	async append(name, path, seen) {
		const file = Cc["@mozilla.org/file/local;1"]
			.createInstance(Ci.nsIFile);
		file.initWithPath(path);
		await listen((listener) => MailServices.copy.copyFileMessage(
			file, folder_of(name), null, false,
			seen ? Ci.nsMsgMessageFlags.Read : 0, "", listener, null));
	},
	async select(name) {
		server().setStringValue("work_selected", name);
		await update(selected());
		return [verbs.uids().length];
	},
	uids: () => [...selected().messages].map(
		(found) => found.messageKey).sort((a, b) => a - b),
	// On the server, as its search of messages does.
	async search(text) {
		const found = [];
		const session = Cc["@mozilla.org/messenger/searchSession;1"]
			.createInstance(Ci.nsIMsgSearchSession);
		session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, selected());
		const term = session.createTerm();
		const value = term.value;
		term.attrib = value.attrib = Ci.nsMsgSearchAttrib.Subject;
		term.op = Ci.nsMsgSearchOp.Contains;
		value.str = text;
		term.value = value;
		session.appendTerm(term);
		await new Promise((resolve) => {
			session.registerListener({
				QueryInterface: ChromeUtils.generateQI(
					["nsIMsgSearchNotify"]),
				onSearchHit: (hit) => found.push(hit.messageKey),
				onSearchDone: resolve,
				onNewSearch() {},
			});
			session.search(null);
		});
		return found;
	},
	async read(uid) {
		const place = selected().getUriForMsg(header(uid));
		const chunks = [];
		await new Promise((resolve, reject) =>
			MailServices.messageServiceFromURI(place).streamMessage(
				place, {
				QueryInterface: ChromeUtils.generateQI(
					["nsIStreamListener", "nsIRequestObserver"]),
				onStartRequest() {},
				onDataAvailable(request, stream, offset, count) {
					const octets = Cc["@mozilla.org/binaryinputstream;1"]
						.createInstance(Ci.nsIBinaryInputStream);
					octets.setInputStream(stream);
					chunks.push(...octets.readByteArray(count));
				},
				onStopRequest: (request, code) =>
					Components.isSuccessCode(code)
						? resolve() : reject(new Error("unread")),
			}, null, null, false, "", false));
		return [chunks.map((octet) =>
			octet.toString(16).padStart(2, "0")).join("")];
	},
	flags(uid) {
		const found = header(uid);
		const words = found.getStringProperty("keywords");
		const bits = Ci.nsMsgMessageFlags;
		return [
			...(found.flags & bits.Read ? ["\\Seen"] : []),
			...(found.flags & bits.Replied ? ["\\Answered"] : []),
			...(found.flags & bits.Marked ? ["\\Flagged"] : []),
			...words.split(" ").filter((word) => word),
		];
	},
	async store(uid, sign, flag) {
		const folder = selected();
		const found = [header(uid)];
		const on = sign === "+";
		if (flag === "\\Seen")
			folder.markMessagesRead(found, on);
		else if (flag === "\\Flagged")
			folder.markMessagesFlagged(found, on);
		else if (flag === "\\Answered")
			folder.addMessageDispositionState(found[0],
				Ci.nsIMsgFolder.nsMsgDispositionState_Replied);
		else if (on)
			folder.addKeywordsToMessages(found, flag);
		else
			folder.removeKeywordsFromMessages(found, flag);
		await update(folder);
	},
	transfer: (uid, name, away) => listen((listener) =>
		MailServices.copy.copyMessages(selected(), [header(uid)],
			folder_of(name), away, listener, null, false)),
	copy: (uid, name) => verbs.transfer(uid, name, false),
	move: (uid, name) => verbs.transfer(uid, name, true),
	async remove(uid) {
		await listen((listener) => selected().deleteMessages(
			[header(uid)], null, true, false, listener, false));
		await listen((listener) => MailServices.imap.expunge(
			selected(), listener, message_window));
	},
	// It idles by itself when it has nothing to do.
	async idle() {
		const before = verbs.uids().length;
		await until(() => verbs.uids().length > before);
		return [verbs.uids().length];
	},
};
