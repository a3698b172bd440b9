package cloud

import (
	"fmt"
	"net"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"researchhub.example/hub/emulator/state"
)

// Ready is what -ready-file holds once everything is up.
type Ready struct {
	// PID is this process.
	PID int `json:"pid"`
	// Project is the Google Cloud project.
	Project string `json:"project"`
	// Addresses are where the parts are, by their names; "hub" is the front door
	// (functions are at {hub}/{function}/), "mailbox" the page of mails (as JSON at
	// {mailbox}/messages.json). Those two and "bigquery" are URLs, the others host:port.
	Addresses map[string]string `json:"addresses"`
	// StateDir is the state folder.
	StateDir string `json:"stateDir"`
	// Environment are the variables that clients find the emulators by.
	Environment map[string]string `json:"environment"`
	// PIDs are the processes of the parts that have one, by the part's name.
	PIDs map[string]int `json:"pids"`
	// Functions are the names served.
	Functions []string `json:"functions"`
	// Accounts are the demo accounts.
	Accounts []Account `json:"accounts"`
}

func (c *cloud) ready() Ready {
	r := Ready{
		PID: os.Getpid(), Project: c.cfg.Project, StateDir: c.state.Root(),
		Environment: c.variables(), PIDs: map[string]int{}, Accounts: c.accounts,
		Addresses: map[string]string{"hub": c.baseURL()},
	}
	for _, f := range c.cfg.Functions {
		r.Functions = append(r.Functions, f.Name)
	}
	c.parts.mu.Lock()
	defer c.parts.mu.Unlock()
	for name, p := range c.parts.all {
		if p.addr != "" {
			r.Addresses[name] = p.addr
		}
		if p.proc != nil {
			r.PIDs[name] = p.proc.PID()
		}
	}
	return r
}

func (c *cloud) writeReady() error {
	if c.cfg.ReadyFile == "" {
		return nil
	}
	if err := state.WriteJSON(c.cfg.ReadyFile, c.ready()); err != nil {
		return fmt.Errorf("-ready-file: %w", err)
	}
	return nil
}

// forgetReady removes the ready file: nothing is up any more.
func (c *cloud) forgetReady() {
	if c.cfg.ReadyFile != "" {
		_ = os.Remove(c.cfg.ReadyFile)
	}
}

// table is what is printed when all is up.
func (c *cloud) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nResearch Hub is up (%.1f s). Project %s, state in %s\n\n",
		c.cfg.Clock.Now().Sub(c.began).Seconds(), c.cfg.Project, c.state.Root())
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// Passkeys are bound to a name: WebAuthn takes no IP address.
	_, port, _ := net.SplitHostPort(c.front.Addr().String())
	fmt.Fprintf(w, "  web client\t%s\t%s\n", "http://localhost:"+port+"/portal/", "sign in with a demo account")
	fmt.Fprintf(w, "  functions\t%s\t%s\n", c.baseURL(), "one port, /{function}/docs describes each")
	for _, name := range []string{authName, firestoreName, pubsubName, storageName, bigqueryName, mailName, mailboxName} {
		if p := c.parts.get(name); p != nil {
			note := p.note
			if p.variable != "" {
				note = p.variable + ": " + note
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", name, p.addr, note)
		}
	}
	_ = w.Flush()
	b.WriteString("\n")
	for _, f := range c.cfg.Functions {
		fmt.Fprintf(&b, "  %s/%s/\n", c.baseURL(), f.Name)
	}
	if len(c.accounts) > 0 {
		fmt.Fprintf(w, "\n  demo account\tpassword\t\n")
		for _, a := range c.accounts {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", a.Email, a.Password, a.Role)
		}
		_ = w.Flush()
	}
	b.WriteString("\n" + c.memoryNote() + "Stop with Ctrl-C.\n\n")
	return b.String()
}

// memoryNote says what a kill can lose, and what the last one may have lost.
func (c *cloud) memoryNote() string {
	note := fmt.Sprintf("Firestore and Auth keep their records in memory: written to the state folder every %s and on stop; a kill loses at most that.\n",
		inWords(c.cfg.ExportEvery))
	switch {
	case c.state.Unclean.IsZero():
		return note
	case c.former == "":
		return note + "The last run did not end cleanly and had written no records: Firestore and Auth started empty.\n"
	default:
		return note + "The last run did not end cleanly. Later changes of that run are lost; " + c.ages() + ".\n"
	}
}

// ages says as of when each in-memory part was loaded.
func (c *cloud) ages() string {
	var all []string
	for _, name := range []string{firestoreName, authName} {
		if at, ok := c.formerAt[name]; ok {
			all = append(all, fmt.Sprintf("%s is as of %s (%s before this start)", name, at.Format(time.RFC3339), c.began.Sub(at).Round(time.Second)))
		}
	}
	return strings.Join(all, ", ")
}

func inWords(d time.Duration) string {
	if d == time.Minute {
		return "minute"
	}
	return d.String()
}
