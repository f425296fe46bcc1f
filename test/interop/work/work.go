// SPDX-License-Identifier: MIT
//
// go-imap, version 1.

package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap"
	"github.com/emersion/go-imap/client"
)

var session *client.Client

func where(name string) string { return os.Getenv("WORK_" + name) }

func connect() error {
	pem, err := os.ReadFile(where("CERTIFICATE"))
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	trust := &tls.Config{RootCAs: pool, ServerName: where("HOST")}
	address := where("HOST") + ":" + where("PORT")
	if where("LISTENER") == "imaps" {
		session, err = client.DialTLS(address, trust)
	} else if session, err = client.Dial(address); err == nil {
		err = session.StartTLS(trust)
	}
	if err != nil {
		return err
	}
	return session.Login(where("USER"), where("PASSWORD"))
}

func one(uid string) *imap.SeqSet {
	set, _ := imap.ParseSeqSet(uid)
	return set
}

func list() (names []string, err error) {
	found := make(chan *imap.MailboxInfo, 100)
	err = session.List("", "*", found)
	for info := range found {
		names = append(names, info.Name)
	}
	return names, err
}

func search(criteria *imap.SearchCriteria) (uids []string, err error) {
	found, err := session.UidSearch(criteria)
	for _, uid := range found {
		uids = append(uids, fmt.Sprint(uid))
	}
	return uids, err
}

func fetch(uid string, item imap.FetchItem) (*imap.Message, error) {
	found := make(chan *imap.Message, 10)
	err := session.UidFetch(one(uid), []imap.FetchItem{item}, found)
	if err != nil {
		return nil, err
	}
	message := <-found
	if message == nil {
		return nil, errors.New("no such message")
	}
	return message, nil
}

func read(uid string) ([]string, error) {
	message, err := fetch(uid, "BODY.PEEK[]")
	if err != nil {
		return nil, err
	}
	whole, _ := imap.ParseBodySectionName("BODY[]")
	octets, err := io.ReadAll(message.GetBody(whole))
	return []string{hex.EncodeToString(octets)}, err
}

func store(uid, sign, flag string) error {
	item := imap.FormatFlagsOp(imap.AddFlags, true)
	if sign == "-" {
		item = imap.FormatFlagsOp(imap.RemoveFlags, true)
	}
	return session.UidStore(one(uid), item, []interface{}{flag}, nil)
}

func idle() ([]string, error) {
	updates := make(chan client.Update, 10)
	session.Updates = updates
	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() { done <- session.Idle(stop, nil) }()
	fmt.Println("idling")
	before := session.Mailbox().Messages
	for update := range updates {
		told, ok := update.(*client.MailboxUpdate)
		if ok && told.Mailbox.Messages > before {
			break
		}
	}
	close(stop)
	err := <-done
	session.Updates = nil
	return []string{fmt.Sprint(session.Mailbox().Messages)}, err
}

func do(verb string, words []string) ([]string, error) {
	switch verb {
	case "connect":
		return nil, connect()
	case "logout":
		return nil, session.Logout()
	case "list":
		return list()
	case "create":
		return nil, session.Create(words[0])
	case "rename":
		return nil, session.Rename(words[0], words[1])
	case "delete":
		return nil, session.Delete(words[0])
	case "append":
		octets, _ := hex.DecodeString(words[1])
		return nil, session.Append(words[0], words[2:], time.Now(),
			bytes.NewReader(octets))
	case "select":
		status, err := session.Select(words[0], false)
		if err != nil {
			return nil, err
		}
		return []string{strconv.Itoa(int(status.Messages))}, nil
	case "uids":
		return search(imap.NewSearchCriteria())
	case "search":
		criteria := imap.NewSearchCriteria()
		criteria.Header.Add("Subject", words[0])
		return search(criteria)
	case "read":
		return read(words[0])
	case "flags":
		message, err := fetch(words[0], imap.FetchFlags)
		if err != nil {
			return nil, err
		}
		return message.Flags, nil
	case "store":
		return nil, store(words[0], words[1], words[2])
	case "copy":
		return nil, session.UidCopy(one(words[0]), words[1])
	case "move":
		return nil, session.UidMove(one(words[0]), words[1])
	case "remove":
		if err := store(words[0], "+", imap.DeletedFlag); err != nil {
			return nil, err
		}
		return nil, session.Expunge(nil)
	case "idle":
		return idle()
	}
	return nil, errors.New("no such verb")
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		answer, err := do(words[0], words[1:])
		if err != nil {
			text := strings.ReplaceAll(err.Error(), "\n", " ")
			answer = []string{"error", text}
		} else {
			answer = append([]string{"ok"}, answer...)
		}
		fmt.Println(strings.Join(answer, "\t"))
	}
}
