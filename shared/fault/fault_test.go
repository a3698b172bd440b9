package fault

import (
	"errors"
	"strings"
	"testing"
)

func TestWrapKeepsKindAndMessage(t *testing.T) {
	cause := errors.New("dial 10.0.0.1: refused")
	err := Wrap("workspace.get", Because(Unavailable, cause, "The store does not answer. Try again."))
	if got := KindOf(err); got != Unavailable {
		t.Errorf("KindOf = %q, want %q", got, Unavailable)
	}
	if got := Message(err); got != "The store does not answer. Try again." {
		t.Errorf("Message = %q", got)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if !strings.Contains(err.Error(), "workspace.get") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("the log line lacks op or cause: %q", err.Error())
	}
}

func TestPlainErrorShowsNothing(t *testing.T) {
	err := Wrap("op", errors.New("secret path"))
	if KindOf(err) != Internal || Message(err) != "" {
		t.Errorf("kind %q, message %q; want internal and nothing to show", KindOf(err), Message(err))
	}
	if Wrap("op", nil) != nil {
		t.Error("Wrap(nil) is not nil")
	}
	if KindOf(nil) != "" {
		t.Error("nil has a kind")
	}
}

func TestPermanent(t *testing.T) {
	for kind, want := range map[Kind]bool{
		Invalid: true, NotFound: true, Denied: true, Conflict: true, TooLarge: true, NotBuilt: true,
		Internal: false, Unavailable: false, Limited: false, Stale: false,
	} {
		if got := Permanent(New(kind, "x")); got != want {
			t.Errorf("Permanent(%s) = %v, want %v", kind, got, want)
		}
	}
}

func TestAFormSaysAllAtOnce(t *testing.T) {
	var f Form
	if err := f.Err(); err != nil {
		t.Fatalf("nothing was said: %v", err)
	}
	f.Say("body.name", "Use at most %d characters.", 80)
	f.Say("body.role", "Choose a role.")
	err := f.Err()
	if fields := FieldsOf(err); !Is(err, Invalid) || len(fields) != 2 || fields[0] != (Field{Path: "body.name", Message: "Use at most 80 characters."}) {
		t.Errorf("%v with the fields %v", err, fields)
	}
}
