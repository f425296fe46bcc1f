-- SPDX-License-Identifier: MIT
--
-- imapfilter, which runs this as its configuration.

local function where(name) return os.getenv("WORK_" .. name) end

options.create = false
options.namespace = true
options.info = false
options.charset = "UTF-8"
options.cache = false
options.expunge = true
options.starttls = true
options.timeout = 60

local account
local selected

local function good(result)
	if not result then error("refused", 0) end
	return result
end

local function one(uid)
	return Set({{ selected, tonumber(uid) }})
end

local function uids_of(found)
	local uids = {}
	for _, message in ipairs(good(found)) do
		table.insert(uids, message[2])
	end
	return table.unpack(uids)
end

local verbs = {}

function verbs.connect()
	local implicit = where("LISTENER") == "imaps"
	account = IMAP {
		server = where("HOST"), port = tonumber(where("PORT")),
		username = where("USER"), password = where("PASSWORD"),
		ssl = implicit and "auto" or nil
	}
	account:_login_user()
end

function verbs.logout() good(account:_logout_user()) end

function verbs.list()
	return table.unpack((account:list_all("", "*")))
end

function verbs.create(name) good(account:create_mailbox(name)) end
function verbs.rename(old, new) good(account:rename_mailbox(old, new)) end
function verbs.delete(name) good(account:delete_mailbox(name)) end

function verbs.append(name, octets, ...)
	local message = octets:gsub("%x%x", function (two)
		return string.char(tonumber(two, 16))
	end)
	good(account[name]:append_message(message, { ... }))
end

function verbs.select(name)
	selected = account[name]
	return (selected:check_status())
end

function verbs.uids() return uids_of(selected:select_all()) end
function verbs.search(text) return uids_of(selected:contain_subject(text)) end

function verbs.read(uid)
	local message = selected[tonumber(uid)]:fetch_message()
	return (good(message):gsub(".", function (octet)
		return string.format("%02x", octet:byte())
	end))
end

function verbs.flags(uid)
	return table.unpack(good(selected[tonumber(uid)]:fetch_flags()))
end

function verbs.store(uid, sign, flag)
	if sign == "+" then
		good(one(uid):add_flags({ flag }))
	else
		good(one(uid):remove_flags({ flag }))
	end
end

function verbs.copy(uid, name) good(one(uid):copy_messages(account[name])) end
function verbs.move(uid, name) good(one(uid):move_messages(account[name])) end
function verbs.remove(uid) good(one(uid):delete_messages()) end

function verbs.idle()
	print("idling")
	good(selected:enter_idle())
	return (selected:check_status())
end

io.stdout:setvbuf("line")
for line in io.lines() do
	local words = {}
	for word in line:gmatch("[^\t]+") do table.insert(words, word) end
	local answer = table.pack(pcall(verbs[words[1]],
	    table.unpack(words, 2)))
	answer[1] = answer[1] and "ok" or "error"
	for at = 2, answer.n do
		answer[at] = tostring(answer[at]):gsub("[\t\r\n]+", " ")
	end
	print(table.concat(answer, "\t"))
end
