# SPDX-License-Identifier: MIT
#
# Ruby's net/imap.

require "net/imap"

$stdout.sync = true
$stdin.set_encoding("UTF-8")

def where(name) = ENV.fetch("WORK_" + name)

def name_of(text) = Net::IMAP.encode_utf7(text)

class Work
  def connect
    tls = { ca_file: where("CERTIFICATE") }
    implicit = where("LISTENER") == "imaps"
    @imap = Net::IMAP.new(where("HOST"), port: where("PORT").to_i,
                          ssl: implicit ? tls : false)
    @imap.starttls(tls) unless implicit
    if @imap.capability.include?("AUTH=PLAIN")
      @imap.authenticate("PLAIN", where("USER"), where("PASSWORD"))
    else
      @imap.login(where("USER"), where("PASSWORD"))
    end
    []
  end

  def logout = nothing { @imap.logout; @imap.disconnect }

  def list
    @imap.list("", "*").map { |found| Net::IMAP.decode_utf7(found.name) }
  end

  def create(name) = nothing { @imap.create(name_of(name)) }

  def rename(old, new)
    nothing { @imap.rename(name_of(old), name_of(new)) }
  end

  def delete(name) = nothing { @imap.delete(name_of(name)) }

  def append(mailbox, octets, *flags)
    nothing do
      @imap.append(name_of(mailbox), [octets].pack("H*"), symbols(flags),
                   Time.now)
    end
  end

  def select(mailbox)
    @imap.select(name_of(mailbox))
    @imap.responses["EXISTS"].last(1)
  end

  def uids = @imap.uid_search(["ALL"])

  def search(text) = @imap.uid_search(["SUBJECT", text], "UTF-8")

  def read(uid)
    found = @imap.uid_fetch(uid.to_i, ["BODY.PEEK[]"])[0]
    [found.attr["BODY[]"].unpack1("H*")]
  end

  # net/imap has \Seen as :Seen.
  def flags(uid)
    @imap.uid_fetch(uid.to_i, ["FLAGS"])[0].attr["FLAGS"].map do |flag|
      flag.is_a?(Symbol) ? "\\" + flag.to_s : flag
    end
  end

  def symbols(flags)
    flags.map { |flag| flag.start_with?("\\") ? flag[1..].to_sym : flag }
  end

  def store(uid, sign, flag)
    nothing { @imap.uid_store(uid.to_i, sign + "FLAGS", symbols([flag])) }
  end

  def copy(uid, mailbox)
    nothing { @imap.uid_copy(uid.to_i, name_of(mailbox)) }
  end

  def move(uid, mailbox)
    nothing { @imap.uid_move(uid.to_i, name_of(mailbox)) }
  end

  def remove(uid)
    nothing do
      @imap.uid_store(uid.to_i, "+FLAGS.SILENT", [:Deleted])
      @imap.expunge
    end
  end

  def idle
    count = 0
    @imap.idle(60) do |response|
      puts "idling" if response.is_a?(Net::IMAP::ContinuationRequest)
      if response.is_a?(Net::IMAP::UntaggedResponse) &&
         response.name == "EXISTS"
        count = response.data
        @imap.idle_done
      end
    end
    [count]
  end

  private

  def nothing
    yield
    []
  end
end

work = Work.new
$stdin.each_line(chomp: true) do |line|
  verb, *words = line.split("\t")
  begin
    puts ["ok", *work.public_send(verb, *words)].join("\t")
  rescue StandardError => problem
    puts ["error", problem.full_message(highlight: false).tr("\n\t", " ")].join("\t")
  end
end
