// SPDX-License-Identifier: MIT
//
// What a web mail does, with imapflow, compressed: list, create, append, fetch,
// search, flag, copy, move, delete, and a second connection that idles and is
// told.
// Its one argument is JSON: host, port, secure, user, pass, ca.

import assert from "node:assert/strict";
import { ImapFlow } from "imapflow";

const to = JSON.parse(process.argv[2]);

async function connect() {
	const client = new ImapFlow({
		host: to.host,
		port: to.port,
		secure: to.secure,
		doSTARTTLS: !to.secure,
		auth: { user: to.user, pass: to.pass },
		tls: { ca: to.ca },
		logger: false,
	});
	await client.connect();
	return client;
}

function message(number) {
	return Buffer.from(
		`From: a@example.org\r\nSubject: flow ${number}\r\n` +
			`Message-ID: <${number}@flow.example.org>\r\n` +
			"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
			`text ${number}\r\n--b\r\n` +
			"Content-Type: application/pdf; name=x.pdf\r\n" +
			"Content-Disposition: attachment; filename=x.pdf\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n" +
			"--b--\r\n"
	);
}

const client = await connect();
// It compresses where that is offered (it tells nobody but its log).
assert(client._deflate && client._inflate, "no COMPRESS");
const watcher = await connect();

const folders = await client.list({ statusQuery: { messages: true } });
const uses = folders.map((folder) => folder.specialUse).filter(Boolean);
for (const use of ["\\Inbox", "\\Sent", "\\Drafts", "\\Trash", "\\Junk"])
	assert(uses.includes(use), `no ${use} in ${uses}`);

const created = await client.mailboxCreate(["Projekte", "Grün & Blau 😀"]);
assert.equal(created.created, true);

// The watcher idles, which it would do by itself after 15 seconds without
// work; what arrives must reach it.
await watcher.mailboxOpen("INBOX");
const idling = watcher.idle();
const told = new Promise((resolve) => watcher.on("exists", resolve));
const first = await client.append("INBOX", message(1), ["\\Flagged"]);
assert.equal(first.uid, 1);
assert.equal((await told).count, 1);
for (let number = 2; number <= 10; number++)
	await client.append("INBOX", message(number), [], new Date(1767225600000));

const lock = await client.getMailboxLock("INBOX");
assert.equal(client.mailbox.exists, 10);
let seen = 0;
for await (const m of client.fetch("1:*", {
	uid: true,
	flags: true,
	envelope: true,
	bodyStructure: true,
	internalDate: true,
	size: true,
})) {
	seen++;
	assert.equal(m.seq, seen);
	assert.equal(m.envelope.subject, `flow ${seen}`);
	assert.equal(m.bodyStructure.childNodes[1].disposition, "attachment");
	assert.equal(m.size, message(seen).length);
}
assert.equal(seen, 10);

const one = await client.fetchOne("3", { source: true });
assert.deepEqual(one.source, message(3));
const part = await client.download("3", "2");
const chunks = [];
for await (const chunk of part.content) chunks.push(chunk);
assert.equal(Buffer.concat(chunks).toString(), "%PDF");

assert.deepEqual(await client.search({ subject: "flow 1" }), [1, 10]);
assert.deepEqual(await client.search({ body: "text 7" }), [7]);
assert.deepEqual(await client.search({ flagged: true }, { uid: true }), [1]);
await client.messageFlagsAdd("2:4", ["\\Seen", "$Todo"]);
assert.deepEqual(await client.search({ keyword: "$Todo" }), [2, 3, 4]);
await client.messageFlagsRemove("3", ["\\Seen"]);
assert.deepEqual(await client.search({ seen: true }), [2, 4]);

const copied = await client.messageCopy("1:2", "Archive");
assert.equal(copied.uidMap.size, 2);
const moved = await client.messageMove("9:10", created.path);
assert.equal(moved.uidMap.size, 2);
assert.equal(client.mailbox.exists, 8);
await client.messageDelete("1:2");
assert.equal(client.mailbox.exists, 6);
lock.release();

const status = await client.status(created.path, {
	messages: true,
	uidNext: true,
	unseen: true,
});
assert.equal(status.messages, 2);
await client.mailboxRename(created.path, "Projekte/Anders");
await client.mailboxDelete("Projekte/Anders");

await watcher.noop();
await idling;
assert.equal(watcher.mailbox.exists, 6);
await watcher.logout();
await client.logout();
console.log("done");
