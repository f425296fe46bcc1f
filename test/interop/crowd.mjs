// SPDX-License-Identifier: MIT
//
// One of a crowd: for some seconds, idle in INBOX, look at all of it, append
// to another mailbox, and print which messages were acknowledged.

import assert from "node:assert/strict";
import { ImapFlow } from "imapflow";

const to = JSON.parse(process.argv[2]);
const client = new ImapFlow({
	host: to.host,
	port: to.port,
	secure: to.secure,
	auth: { user: to.user, pass: to.pass },
	tls: { ca: to.ca },
	logger: false,
});
const end = Date.now() + to.seconds * 1000;
let count = 0;

await client.connect();
while (Date.now() < end) {
	const lock = await client.getMailboxLock("INBOX");
	// Changes by others come as answers too, so a number may come twice;
	// it always means the same message.
	const uids = [];
	for await (const m of client.fetch("1:*", { uid: true, flags: true })) {
		assert.equal(uids[m.seq] ?? m.uid, m.uid);
		uids[m.seq] = m.uid;
	}
	for (let seq = 2; seq < uids.length; seq++)
		assert(uids[seq] > uids[seq - 1], `UID ${uids[seq]} is ${seq}`);
	lock.release();
	const id = `${to.prefix}-${++count}@example.org`;
	const appended = await client.append(
		"Flow",
		Buffer.from(`Subject: x\r\nMessage-ID: <${id}>\r\n\r\nx\r\n`),
		["\\Seen"]
	);
	assert(appended.uid > 0);
	console.log(`appended ${id}`);
	const waiting = new Promise((resolve) => client.once("exists", resolve));
	await Promise.race([
		waiting,
		new Promise((resolve) => setTimeout(resolve, 300)),
	]);
}
await client.logout();
