<?php
// SPDX-License-Identifier: MIT
//
// The loop of the programs in PHP: each verb is a method of one object.

function where($name)
{
	return getenv("WORK_$name");
}

function say(...$words)
{
	echo implode("\t", $words), "\n";
}

// A warning of a library is a failure of the verb.
set_error_handler(function ($level, $text, $file, $line) {
	if (error_reporting() & $level)
		throw new Exception("$text at $file:$line");
	return true;
});

function serve($work)
{
	while (($line = fgets(STDIN)) !== false) {
		$words = explode("\t", rtrim($line, "\n"));
		$verb = array_shift($words);
		try {
			say("ok", ...($work->$verb(...$words) ?? []));
		} catch (Throwable $problem) {
			say("error", preg_replace('/[\t\r\n]+/', " ",
				$problem->getMessage()));
		}
	}
}
