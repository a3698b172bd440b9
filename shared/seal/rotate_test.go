package seal

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// keysOf reads the identifiers in a keyset file, the primary one first.
func keysOf(t *testing.T, path string) (primary uint32, all []uint32) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		PrimaryKeyID uint32 `json:"primaryKeyId"`
		Key          []struct {
			KeyID  uint32 `json:"keyId"`
			Status string `json:"status"`
		} `json:"key"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, k := range set.Key {
		all = append(all, k.KeyID)
		found = found || k.KeyID == set.PrimaryKeyID
		if k.Status != "ENABLED" {
			t.Errorf("key %d is %s", k.KeyID, k.Status)
		}
	}
	if !found {
		t.Error("the primary key is not among the keys")
	}
	return set.PrimaryKeyID, all
}

func TestRotation(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	path := filepath.Join(dir, "seal.keyset")
	start := func() *Sealer {
		t.Helper()
		s, err := open(ctx, Config{Keyset: path}, false)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	sealed := func(s *Sealer, secret string) []byte {
		t.Helper()
		b, err := s.Seal(ctx, []byte(secret), "p")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	opens := func(s *Sealer, b []byte, want string) {
		t.Helper()
		if got, err := s.Open(ctx, b, "p"); err != nil || string(got) != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	running := start()
	first, firstKeys := keysOf(t, path)
	old := sealed(running, "old")
	withoutRotation, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	if err := RotateLocal(path); err != nil {
		t.Fatal(err)
	}
	second, keys := keysOf(t, path)
	if second == first || len(keys) != len(firstKeys)+1 {
		t.Errorf("primary %d after %d, keys %v", second, first, keys)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	fresh := start()
	young := sealed(fresh, "new")
	opens(fresh, old, "old")
	opens(running, young, "new") // a process that runs reads the keyset again
	opens(running, old, "old")
	again := sealed(running, "again")
	opens(fresh, again, "again")

	// What was sealed after the rotation is under the new key: the keyset of
	// before does not open it.
	past := filepath.Join(dir, "past.keyset")
	if err := os.WriteFile(past, withoutRotation, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := open(ctx, Config{Keyset: past}, false)
	if err != nil {
		t.Fatal(err)
	}
	opens(before, old, "old")
	for name, b := range map[string][]byte{"a new process": young, "one that runs": again} {
		if _, err := before.Open(ctx, b, "p"); err == nil {
			t.Errorf("%s seals under the old key", name)
		}
	}

	// Three more, and everything opens.
	all := map[string][]byte{"old": old, "new": young, "again": again}
	for _, name := range []string{"third", "fourth", "fifth"} {
		if err := RotateLocal(path); err != nil {
			t.Fatal(err)
		}
		all[name] = sealed(running, name)
	}
	for _, s := range []*Sealer{running, fresh, start()} {
		for want, b := range all {
			opens(s, b, want)
		}
	}
}

func TestAKeysetThatIsGoneOpensAndDoesNotSeal(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "seal.keyset")
	s, err := open(ctx, Config{Keyset: path}, false)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Seal(ctx, []byte("x"), "p")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Open(ctx, sealed, "p"); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.Seal(ctx, []byte("x"), "p"); err == nil {
		t.Error("sealed under a key that is nowhere")
	}
	if err := RotateLocal(path); err == nil {
		t.Error("rotated what is not there")
	}
	if err := os.WriteFile(path, []byte(`{"key":[{"s3cr3t":1}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := RotateLocal(path); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || !bytes.Contains(text, []byte("s3cr3t")) {
		t.Errorf("a broken keyset was overwritten: %v", err)
	}
}

// rotations is how often each of two rotates at once.
const rotations = 5

func TestRotationsAtOnceLoseNoKey(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "seal.keyset")
	s, err := open(ctx, Config{Keyset: path}, false)
	if err != nil {
		t.Fatal(err)
	}
	_, before := keysOf(t, path)
	var mu sync.Mutex
	sealed := [][]byte{}
	var wg sync.WaitGroup
	for range 2 { // in this process
		wg.Go(func() {
			for range rotations {
				if err := RotateLocal(path); err != nil {
					t.Error(err)
					return
				}
				b, err := s.Seal(ctx, []byte("x"), "p")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				sealed = append(sealed, b)
				mu.Unlock()
			}
		})
	}
	for range 2 { // and in others
		wg.Go(func() {
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestRotateForAnother$")
			cmd.Env = append(os.Environ(), "SEAL_TEST_KEYSET="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if _, after := keysOf(t, path); len(after) != len(before)+4*rotations {
		t.Errorf("%d keys, want %d", len(after), len(before)+4*rotations)
	}
	fresh, err := open(ctx, Config{Keyset: path}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range sealed {
		if _, err := fresh.Open(ctx, b, "p"); err != nil {
			t.Errorf("what was sealed after rotation %d is lost: %v", i, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".seal-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("files left beside the keyset: %v, %v", left, err)
	}
}

// TestRotateForAnother is the other process of the test above.
func TestRotateForAnother(t *testing.T) {
	path := os.Getenv("SEAL_TEST_KEYSET")
	if path == "" {
		return
	}
	for range rotations {
		if err := RotateLocal(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCloudKMSOpensWithEarlierVersions(t *testing.T) {
	ctx := context.Background()
	service := &versionedKMS{primary: 1, versions: map[byte]byte{1: 0x5a}}
	s, err := newSealer(&kmsKey{service, "k"})
	if err != nil {
		t.Fatal(err)
	}
	old, err := s.Seal(ctx, []byte("old"), "p")
	if err != nil {
		t.Fatal(err)
	}
	service.versions[2], service.primary = 0xa5, 2 // the service rotates by itself
	young, err := s.Seal(ctx, []byte("new"), "p")
	if err != nil {
		t.Fatal(err)
	}
	for want, sealed := range map[string][]byte{"old": old, "new": young} {
		if got, err := s.Open(ctx, sealed, "p"); err != nil || string(got) != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	delete(service.versions, 1) // destroyed: what it sealed is lost, and only that
	if _, err := s.Open(ctx, old, "p"); err == nil {
		t.Error("opens with a version that was destroyed")
	}
	if got, err := s.Open(ctx, young, "p"); err != nil || string(got) != "new" {
		t.Errorf("%q, %v: the second secret is not under the second version", got, err)
	}
}
