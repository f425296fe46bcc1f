// SPDX-License-Identifier: MIT
//
// JavaMail (Jakarta Mail before its packages were renamed).  It comes back by
// SELECT (QRESYNC), and its IDLE has a thread of its own.

import com.sun.mail.imap.IMAPFolder;
import com.sun.mail.imap.IMAPStore;
import com.sun.mail.imap.ResyncData;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.mail.Flags;
import javax.mail.Folder;
import javax.mail.Message;
import javax.mail.MessagingException;
import javax.mail.Session;
import javax.mail.event.MailEvent;
import javax.mail.event.MessageCountAdapter;
import javax.mail.event.MessageCountEvent;
import javax.mail.internet.MimeMessage;
import javax.mail.search.SubjectTerm;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

class Work {
	static final PrintStream out
		= new PrintStream(System.out, true, StandardCharsets.UTF_8);
	IMAPStore store;
	IMAPFolder open;
	Session session;

	static String where(String name) {
		return System.getenv("WORK_" + name);
	}

	static SSLSocketFactory trust() throws Exception {
		KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
		keys.load(null);
		try (InputStream pem = Files.newInputStream(
			Path.of(where("CERTIFICATE")))) {
			keys.setCertificateEntry("server", CertificateFactory
				.getInstance("X.509").generateCertificate(pem));
		}
		TrustManagerFactory trusted = TrustManagerFactory.getInstance(
			TrustManagerFactory.getDefaultAlgorithm());
		trusted.init(keys);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, trusted.getTrustManagers(), null);
		return context.getSocketFactory();
	}

	void connect() throws Exception {
		String kind = where("LISTENER").equals("imaps") ? "imaps" : "imap";
		String prefix = "mail." + kind + ".";
		Properties set = new Properties();
		set.put(prefix + "starttls.enable", "true");
		set.put(prefix + "starttls.required", "" + kind.equals("imap"));
		set.put(prefix + "ssl.socketFactory", trust());
		set.put(prefix + "ssl.checkserveridentity", "true");
		set.put(prefix + "compress.enable", "true");
		set.put(prefix + "partialfetch", "true");
		set.put(prefix + "fetchsize", "200");
		set.put(prefix + "peek", "true");
		session = Session.getInstance(set);
		store = (IMAPStore) session.getStore(kind);
		store.connect(where("HOST"), Integer.parseInt(where("PORT")),
			where("USER"), where("PASSWORD"));
	}

	void done() throws MessagingException {
		if (open != null && open.isOpen())
			open.close(false);
		open = null;
	}

	Folder folder(String name) throws MessagingException {
		return store.getFolder(name);
	}

	static void good(boolean done) throws MessagingException {
		if (!done)
			throw new MessagingException("refused");
	}

	List<String> list() throws MessagingException {
		List<String> names = new ArrayList<>();
		for (Folder found : store.getDefaultFolder().list("*"))
			names.add(found.getFullName());
		return names;
	}

	void append(List<String> words) throws Exception {
		MimeMessage message = new MimeMessage(session,
			new ByteArrayInputStream(octets(words.get(1))));
		for (String flag : words.subList(2, words.size()))
			message.setFlags(flags(flag), true);
		folder(words.get(0)).appendMessages(new Message[] { message });
	}

	static byte[] octets(String hex) {
		byte[] found = new byte[hex.length() / 2];
		for (int at = 0; at < found.length; at++)
			found[at] = (byte) Integer.parseInt(
				hex.substring(2 * at, 2 * at + 2), 16);
		return found;
	}

	/* What is known of a mailbox is one line in a file: UIDVALIDITY and
	 * the highest modseq. */
	Path state(String name) {
		return Path.of(where("FOLDER"), "state-" + name.hashCode());
	}

	int select(String name) throws Exception {
		done();
		open = (IMAPFolder) folder(name);
		ResyncData known = ResyncData.CONDSTORE;
		long modseq = 0;
		if (Files.exists(state(name))) {
			String[] words = Files.readString(state(name)).split(" ");
			modseq = Long.parseLong(words[1]);
			known = new ResyncData(Long.parseLong(words[0]), modseq);
		}
		List<MailEvent> events = open.open(Folder.READ_WRITE, known);
		boolean changed = open.getHighestModSeq() != modseq;
		if (modseq != 0 && changed && events.isEmpty())
			throw new MessagingException("nothing told of changes");
		Files.writeString(state(name),
			open.getUIDValidity() + " " + open.getHighestModSeq());
		return open.getMessageCount();
	}

	/* What was moved away stays in the folder, marked, until expunge() of
	 * all. */
	List<String> uids(Message[] messages) throws MessagingException {
		List<String> found = new ArrayList<>();
		for (Message message : messages)
			if (!message.isExpunged())
				found.add("" + open.getUID(message));
		return found;
	}

	Message[] one(String uid) throws MessagingException {
		Message found = open.getMessageByUID(Long.parseLong(uid));
		if (found == null)
			throw new MessagingException("no such message");
		return new Message[] { found };
	}

	String read(String uid) throws Exception {
		ByteArrayOutputStream octets = new ByteArrayOutputStream();
		one(uid)[0].writeTo(octets);
		StringBuilder hex = new StringBuilder();
		for (byte octet : octets.toByteArray())
			hex.append(String.format("%02x", octet));
		return hex.toString();
	}

	static final Object[][] SYSTEM = {
		{ "\\Seen", Flags.Flag.SEEN }, { "\\Deleted", Flags.Flag.DELETED },
		{ "\\Answered", Flags.Flag.ANSWERED },
		{ "\\Flagged", Flags.Flag.FLAGGED },
		{ "\\Draft", Flags.Flag.DRAFT },
	};

	static Flags flags(String name) {
		for (Object[] row : SYSTEM)
			if (row[0].equals(name))
				return new Flags((Flags.Flag) row[1]);
		return new Flags(name);
	}

	List<String> flags_of(String uid) throws MessagingException {
		Flags set = one(uid)[0].getFlags();
		List<String> found
			= new ArrayList<>(Arrays.asList(set.getUserFlags()));
		for (Object[] row : SYSTEM)
			if (set.contains((Flags.Flag) row[1]))
				found.add((String) row[0]);
		return found;
	}

	void remove(String uid) throws MessagingException {
		Message[] these = one(uid);
		open.setFlags(these, flags("\\Deleted"), true);
		open.expunge(these);
	}

	int idle() throws Exception {
		CountDownLatch told = new CountDownLatch(1);
		open.addMessageCountListener(new MessageCountAdapter() {
			@Override public void messagesAdded(MessageCountEvent event) {
				told.countDown();
			}
		});
		IMAPFolder idling = open;
		Thread thread = new Thread(() -> {
			try {
				out.println("idling");
				idling.idle(true);
			} catch (MessagingException problem) {
				problem.printStackTrace();
			}
		});
		thread.start();
		good(told.await(60, TimeUnit.SECONDS));
		/* What comes between the command and its "+" is told, but does
		 * not end idle(true); another command does. */
		idling.doCommand(protocol -> {
			protocol.noop();
			return null;
		});
		thread.join();
		return open.getMessageCount();
	}

	List<String> run(String verb, List<String> words) throws Exception {
		String first = words.isEmpty() ? "" : words.get(0);
		String second = words.size() < 2 ? "" : words.get(1);
		switch (verb) {
		case "connect": connect(); break;
		case "logout": done(); store.close(); break;
		case "list": return list();
		case "create":
			good(folder(first).create(Folder.HOLDS_MESSAGES
				| Folder.HOLDS_FOLDERS));
			break;
		case "rename":
			good(folder(first).renameTo(folder(second)));
			break;
		case "delete": done(); good(folder(first).delete(false)); break;
		case "append": append(words); break;
		case "select": return List.of("" + select(first));
		case "uids": return uids(open.getMessages());
		case "search":
			return uids(open.search(new SubjectTerm(first)));
		case "read": return List.of(read(first));
		case "flags": return flags_of(first);
		case "store":
			open.setFlags(one(first), flags(words.get(2)),
				second.equals("+"));
			break;
		case "copy": open.copyMessages(one(first), folder(second)); break;
		case "move": open.moveMessages(one(first), folder(second)); break;
		case "remove": remove(first); break;
		case "idle": return List.of("" + idle());
		default: throw new MessagingException("no such verb");
		}
		return List.of();
	}

	public static void main(String[] arguments) throws Exception {
		Work work = new Work();
		BufferedReader lines = new BufferedReader(
			new InputStreamReader(System.in, "UTF-8"));
		String line;
		while ((line = lines.readLine()) != null) {
			List<String> words = Arrays.asList(line.split("\t"));
			List<String> answer = new ArrayList<>();
			try {
				answer.add("ok");
				answer.addAll(work.run(words.get(0),
					words.subList(1, words.size())));
			} catch (Exception problem) {
				problem.printStackTrace();
				answer = List.of("error",
					("" + problem).replaceAll("[\t\r\n]+", " "));
			}
			out.println(String.join("\t", answer));
		}
	}
}
