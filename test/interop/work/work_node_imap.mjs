// SPDX-License-Identifier: MIT
//
// npm's node-imap.

import fs from "node:fs";
import readline from "node:readline";
import Imap from "imap";

const where = (name) => process.env["WORK_" + name];
const say = (...words) => console.log(words.join("\t"));
let imap;

// Call a function whose last argument is a callback (error, result).
function call(name, ...words) {
	return new Promise((resolve, reject) =>
		imap[name](...words, (error, result) =>
			error ? reject(error) : resolve(result)));
}

function names(boxes, prefix = "") {
	return Object.entries(boxes ?? {}).flatMap(([name, box]) => [
		...(box.attribs.includes("\\NONEXISTENT") ? [] : [prefix + name]),
		...names(box.children, prefix + name + box.delimiter),
	]);
}

// One message: its octets or its attributes.
function fetch(uid, options) {
	return new Promise((resolve, reject) => {
		const found = { octets: [], attributes: null };
		const fetching = imap.fetch(uid, options);
		fetching.on("message", (message) => {
			message.on("body", (stream) =>
				stream.on("data", (chunk) => found.octets.push(chunk)));
			message.once("attributes", (attributes) => {
				found.attributes = attributes;
			});
		});
		fetching.once("error", reject);
		fetching.once("end", () => resolve(found));
	});
}

const verbs = {
	async connect() {
		const implicit = where("LISTENER") === "imaps";
		imap = new Imap({
			host: where("HOST"),
			port: Number(where("PORT")),
			user: where("USER"),
			password: where("PASSWORD"),
			tls: implicit,
			autotls: implicit ? "never" : "required",
			tlsOptions: {
				ca: fs.readFileSync(where("CERTIFICATE")),
				servername: where("HOST"),
			},
		});
		await new Promise((resolve, reject) => {
			imap.once("ready", resolve);
			imap.once("error", reject);
			imap.connect();
		});
	},
	async logout() {
		const ended = new Promise((resolve) => imap.once("close", resolve));
		imap.end();
		await ended;
	},
	list: async () => names(await call("getBoxes")),
	create: (name) => call("addBox", name),
	rename: (old, name) => call("renameBox", old, name),
	delete: (name) => call("delBox", name),
	append: (mailbox, octets, ...flags) =>
		call("append", Buffer.from(octets, "hex"), { mailbox, flags }),
	async select(name) {
		return [(await call("openBox", name)).messages.total];
	},
	uids: () => call("search", ["ALL"]),
	search: (text) => call("search", [["SUBJECT", text]]),
	async read(uid) {
		const found = await fetch(uid, { bodies: "" });
		return [Buffer.concat(found.octets).toString("hex")];
	},
	flags: async (uid) => (await fetch(uid, {})).attributes.flags,
	store: (uid, sign, flag) =>
		flag.startsWith("\\")
			? call(sign === "+" ? "addFlags" : "delFlags", uid, flag)
			: call(sign === "+" ? "addKeywords" : "delKeywords", uid, flag),
	copy: (uid, name) => call("copy", uid, name),
	move: (uid, name) => call("move", uid, name),
	async remove(uid) {
		await call("addFlags", uid, "Deleted");
		await call("expunge", uid);
	},
	// It idles by itself when it has nothing to do, and says nothing of
	// it but in its debugging text.
	async idle() {
		const before = imap._box.messages.total;
		await new Promise((resolve) => {
			imap.once("mail", resolve);
			say("idling");
		});
		return [imap._box.messages.total];
	},
};

for await (const line of readline.createInterface({ input: process.stdin })) {
	const [verb, ...words] = line.split("\t");
	try {
		const answer = await verbs[verb](...words);
		say("ok", ...(Array.isArray(answer) ? answer : []));
	} catch (error) {
		say("error", String(error.message).replace(/[\t\r\n]+/g, " "));
	}
}
