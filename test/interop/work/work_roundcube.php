<?php
// SPDX-License-Identifier: MIT
//
// The IMAP class of Roundcube, from the folder that its first argument names.
// It comes back by SELECT (QRESYNC).

$lib = $argv[1];
require_once "$lib/bootstrap.php";
require_once __DIR__ . "/serve.php";

class Work
{
	private $imap;
	private $selected;

	private function name($text)
	{
		return rcube_charset::convert($text, "UTF-8", "UTF7-IMAP");
	}

	private function good($result)
	{
		if ($result === false || $result === null)
			throw new Exception($this->imap->error ?? "refused");
		return $result;
	}

	public function connect()
	{
		$this->imap = new rcube_imap_generic();
		$this->imap->flags += ["WORK" => '$Work', "DONE" => '$Done',
			"RECENT" => '\\Recent'];
		$this->good($this->imap->connect(where("HOST"), where("USER"),
			where("PASSWORD"), [
			"port" => where("PORT"),
			"ssl_mode" => where("LISTENER") == "imaps" ? "ssl" : "tls",
			"socket_options" => ["ssl" => [
				"verify_peer" => true,
				"cafile" => where("CERTIFICATE")]],
			"ident" => ["name" => "work"],
		]));
		$this->good($this->imap->enable("QRESYNC"));
	}

	public function logout()
	{
		$this->imap->closeConnection();
	}

	public function list()
	{
		return array_map(function ($name) {
			return rcube_charset::convert($name, "UTF7-IMAP", "UTF-8");
		}, $this->good($this->imap->listMailboxes("", "*")));
	}

	public function create($name)
	{
		$this->good($this->imap->createFolder($this->name($name)));
		$this->good($this->imap->subscribe($this->name($name)));
	}

	public function rename($old, $new)
	{
		$this->good($this->imap->renameFolder($this->name($old),
			$this->name($new)));
	}

	public function delete($name)
	{
		$this->good($this->imap->deleteFolder($this->name($name)));
	}

	public function append($name, $octets, ...$flags)
	{
		$message = hex2bin($octets);
		$this->good($this->imap->append($this->name($name), $message,
			array_map([$this, "constant"], $flags)));
	}

	// Roundcube has words for flags.
	private function constant($flag)
	{
		return strtoupper(ltrim($flag, "\\$"));
	}

	private function state($name)
	{
		return where("FOLDER") . "/state-" . md5($name);
	}

	public function select($name)
	{
		$imap = $this->imap;
		$known = @file_get_contents($this->state($name));
		$this->good($imap->select($this->name($name),
			$known ? json_decode($known) : null));
		if ($known)
			$this->check_resync(json_decode($known));
		$this->selected = $this->name($name);
		file_put_contents($this->state($name), json_encode([
			(string) $imap->data["UIDVALIDITY"],
			$imap->data["HIGHESTMODSEQ"]]));
		return [$imap->data["EXISTS"]];
	}

	// What changed since then is what SELECT said.
	private function check_resync($known)
	{
		[$uidvalidity, $modseq] = $known;
		if ($this->imap->data["HIGHESTMODSEQ"] == $modseq)
			return;
		$changed = array_keys($this->imap->data["QRESYNC"] ?? []);
		$found = $this->imap->fetch($this->imap->selected, "1:*", true,
			["UID", "FLAGS"], $modseq, true);
		if (array_diff(array_column($found, "uid"), $changed))
			throw new Exception("SELECT did not tell of a change");
	}

	public function uids()
	{
		return $this->good($this->imap->search($this->selected, "ALL",
			true))->get();
	}

	public function search($text)
	{
		return $this->good($this->imap->search($this->selected,
			"CHARSET UTF-8 HEADER SUBJECT "
			. rcube_imap_generic::escape($text, true), true))->get();
	}

	public function read($uid)
	{
		return [bin2hex($this->good($this->imap->handlePartBody(
			$this->selected, $uid, true, "")))];
	}

	public function flags($uid)
	{
		$found = $this->good($this->imap->fetch($this->selected, $uid,
			true, ["UID", "FLAGS"]));
		return array_map(function ($word) {
			return $this->imap->flags[$word];
		}, array_keys(reset($found)->flags));
	}

	public function store($uid, $sign, $flag)
	{
		$this->good($sign == "+"
			? $this->imap->flag($this->selected, $uid,
				$this->constant($flag))
			: $this->imap->unflag($this->selected, $uid,
				$this->constant($flag)));
	}

	public function copy($uid, $name)
	{
		$this->good($this->imap->copy($uid, $this->selected,
			$this->name($name)));
	}

	public function move($uid, $name)
	{
		$this->good($this->imap->move($uid, $this->selected,
			$this->name($name)));
	}

	public function remove($uid)
	{
		$this->good($this->imap->flag($this->selected, $uid, "DELETED"));
		$this->good($this->imap->expunge($this->selected, $uid));
	}

	// Roundcube asks again and again.
	public function idle()
	{
		$before = $this->imap->countMessages($this->selected);
		say("idling");
		do {
			usleep(50000);
			$now = $this->imap->status($this->selected,
				["MESSAGES"])["MESSAGES"];
		} while ($now == $before);
		return [$now];
	}
}

serve(new Work());
