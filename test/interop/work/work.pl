# SPDX-License-Identifier: MIT
#
# Perl's Mail::IMAPClient.

use strict;
use warnings;
use Encode qw(decode encode);
use Encode::IMAPUTF7;
use IO::Socket::SSL;
use Mail::IMAPClient;

$| = 1;
my $imap;

sub where { return $ENV{"WORK_$_[0]"} }

# Octets: text that perl marks as characters would be encoded twice.
sub name_of
{
	my $name = encode("IMAP-UTF-7", decode("UTF-8", $_[0]));
	utf8::downgrade($name);
	return $name;
}

sub good
{
	die(($imap ? $imap->LastError : $@) . "\n") unless $_[0];
	return $_[0];
}

my %verbs = (
	connect => sub {
		my @tls = (SSL_ca_file => where("CERTIFICATE"),
			SSL_verify_mode => SSL_VERIFY_PEER);
		$imap = Mail::IMAPClient->new(
			Server => where("HOST"), Port => where("PORT"),
			User => where("USER"), Password => where("PASSWORD"),
			Uid => 1, Peek => 1, IgnoreSizeErrors => 0,
			(where("LISTENER") eq "imaps" ? "Ssl" : "Starttls")
			    => \@tls) or die "connect: $@\n";
		return;
	},
	logout => sub { good($imap->logout); return },
	list => sub {
		return map { encode("UTF-8", decode("IMAP-UTF-7", $_)) }
		    $imap->folders;
	},
	create => sub { good($imap->create(name_of($_[0]))); return },
	rename => sub {
		good($imap->rename(name_of($_[0]), name_of($_[1])));
		return;
	},
	delete => sub { good($imap->delete(name_of($_[0]))); return },
	append => sub {
		my ($name, $octets, @flags) = @_;
		good($imap->append_string(name_of($name), pack("H*", $octets),
			"@flags"));
		return;
	},
	select => sub {
		good($imap->select(name_of($_[0])));
		return $imap->message_count;
	},
	uids => sub { return @{good(scalar $imap->messages)} },
	search => sub {
		return @{good(scalar
			$imap->search("SUBJECT", $_[0]))};
	},
	read => sub {
		return unpack("H*", good($imap->message_string($_[0])));
	},
	flags => sub { return @{good(scalar $imap->flags($_[0]))} },
	store => sub {
		my ($uid, $sign, $flag) = @_;
		good($imap->store($uid, $sign . "FLAGS.SILENT", "($flag)"));
		return;
	},
	copy => sub { good($imap->copy(name_of($_[1]), $_[0])); return },
	# Its move copies and marks as deleted.
	move => sub {
		good($imap->move(name_of($_[1]), $_[0]));
		good($imap->uidexpunge($_[0]));
		return;
	},
	remove => sub {
		good($imap->delete_message($_[0]));
		good($imap->uidexpunge($_[0]));
		return;
	},
	idle => sub {
		my $tag = good($imap->idle);
		print "idling\n";
		my $count;
		until ($count) {
			my @lines = $imap->idle_data(60);
			for (@lines) {
				$count = $1 if /^\* (\d+) EXISTS/;
			}
		}
		good($imap->done($tag));
		return $count;
	},
);

while (my $line = <STDIN>) {
	chomp $line;
	my ($verb, @words) = split /\t/, $line;
	my @answer = eval { $verbs{$verb}->(@words) };
	if ($@) {
		(my $problem = $@) =~ s/[\t\r\n]+/ /g;
		@answer = ("error", $problem);
	} else {
		unshift @answer, "ok";
	}
	print join("\t", @answer), "\n";
}
