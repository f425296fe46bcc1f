<?php
// SPDX-License-Identifier: MIT
//
// PHP's imap extension, which is the c-client library.  With STARTTLS that
// offers TLS 1.0 and nothing newer, which is refused: so on that port it
// does without TLS, as loopback may.

require_once __DIR__ . "/serve.php";

class Work
{
	private $imap;

	private function server()
	{
		return "{" . where("HOST") . ":" . where("PORT") . "/imap"
			. (where("LISTENER") == "imaps" ? "/ssl" : "/notls") . "}";
	}

	private function name($text)
	{
		return mb_convert_encoding($text, "UTF7-IMAP", "UTF-8");
	}

	private function box($text)
	{
		return $this->server() . $this->name($text);
	}

	private function good($result)
	{
		if ($result === false)
			throw new Exception(implode(", ", imap_errors() ?: ["refused"]));
		return $result;
	}

	public function connect()
	{
		$this->imap = $this->good(@imap_open($this->server(),
			where("USER"), where("PASSWORD"), OP_HALFOPEN));
	}

	public function logout()
	{
		$this->good(imap_close($this->imap));
	}

	public function list()
	{
		return array_map(function ($name) {
			return mb_convert_encoding(
				substr($name, strlen($this->server())),
				"UTF-8", "UTF7-IMAP");
		}, $this->good(imap_list($this->imap, $this->server(), "*")));
	}

	public function create($name)
	{
		$this->good(imap_createmailbox($this->imap, $this->box($name)));
	}

	public function rename($old, $new)
	{
		$this->good(imap_renamemailbox($this->imap, $this->box($old),
			$this->box($new)));
	}

	public function delete($name)
	{
		$this->good(imap_deletemailbox($this->imap, $this->box($name)));
	}

	public function append($name, $octets, ...$flags)
	{
		$this->good(imap_append($this->imap, $this->box($name),
			hex2bin($octets), implode(" ", $flags)));
	}

	public function select($name)
	{
		$this->good(imap_reopen($this->imap, $this->box($name)));
		return [imap_num_msg($this->imap)];
	}

	public function uids()
	{
		return $this->search_for("ALL");
	}

	public function search($text)
	{
		return $this->search_for("SUBJECT \"$text\"");
	}

	private function search_for($query)
	{
		return $this->good(imap_search($this->imap, $query, SE_UID,
			"UTF-8"));
	}

	public function read($uid)
	{
		return [bin2hex($this->good(imap_fetchbody($this->imap, $uid, "",
			FT_UID | FT_PEEK)))];
	}

	// The extension shows no keywords: they are searched for.
	public function flags($uid)
	{
		$found = imap_fetch_overview($this->imap, $uid, FT_UID)[0];
		$flags = [];
		foreach (["seen", "flagged", "answered", "deleted", "draft"]
		    as $name)
			if ($found->$name)
				$flags[] = "\\" . ucfirst($name);
		foreach (["\$Work", "\$Done"] as $name) {
			$these = imap_search($this->imap, "KEYWORD $name", SE_UID);
			if ($these && in_array($uid, $these))
				$flags[] = $name;
		}
		return $flags;
	}

	public function store($uid, $sign, $flag)
	{
		$this->good($sign == "+"
			? imap_setflag_full($this->imap, $uid, $flag, ST_UID)
			: imap_clearflag_full($this->imap, $uid, $flag, ST_UID));
	}

	public function copy($uid, $name)
	{
		$this->good(imap_mail_copy($this->imap, $uid,
			$this->name($name), CP_UID));
	}

	// Its move copies and marks as deleted.
	public function move($uid, $name)
	{
		$this->good(imap_mail_move($this->imap, $uid,
			$this->name($name), CP_UID));
		$this->good(imap_expunge($this->imap));
	}

	public function remove($uid)
	{
		$this->good(imap_delete($this->imap, $uid, FT_UID));
		$this->good(imap_expunge($this->imap));
	}

	// The extension has no IDLE and asks again and again.
	public function idle()
	{
		$before = imap_num_msg($this->imap);
		say("idling");
		do {
			usleep(50000);
			$this->good(imap_ping($this->imap));
			$now = imap_num_msg($this->imap);
		} while ($now == $before);
		return [$now];
	}
}

serve(new Work());
