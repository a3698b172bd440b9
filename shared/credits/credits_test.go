package credits_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/testkit"
)

var t0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func store(t *testing.T) (*credits.Store, *clock.Manual) {
	t.Helper()
	now := clock.NewManual(t0)
	return &credits.Store{Client: testkit.Firestore(t), Rules: credits.DefaultRules(), Clock: now}, now
}

func usd(s string) money.Amount { return money.MustParse(s, money.USD) }

func query(id, amount string) credits.Spend {
	return credits.Spend{ID: id, OwnerUID: "u1", MemberUID: "u2", WorkspaceID: "ws1", Kind: credits.Query,
		Amount: amount, Currency: money.USD, At: t0}
}

// want compares limit, spent, held, left.
func want(t *testing.T, s *credits.Store, uid string, amounts [4]string) {
	t.Helper()
	st, err := s.Standing(t.Context(), uid)
	if err != nil {
		t.Fatal(err)
	}
	got := [4]string{st.Limit.Decimal(), st.Spent.Decimal(), st.Held.Decimal(), st.Left.Decimal()}
	if diff := cmp.Diff(amounts, got); diff != "" {
		t.Errorf("limit, spent, held, left (-want +got):\n%s", diff)
	}
}

func TestHoldSettleRelease(t *testing.T) {
	s, _ := store(t)
	ctx := t.Context()
	want(t, s, "u1", [4]string{"300.00", "0.00", "0.00", "300.00"})
	for id, amount := range map[string]string{"run_1": "100.10", "run_2": "50"} {
		if err := s.Hold(ctx, "u1", id, usd(amount)); err != nil {
			t.Fatal(err)
		}
	}
	want(t, s, "u1", [4]string{"300.00", "0.00", "150.10", "149.90"})
	if err := s.Hold(ctx, "u1", "run_2", usd("60")); err != nil {
		t.Fatal(err)
	}
	want(t, s, "u1", [4]string{"300.00", "0.00", "160.10", "139.90"})
	if err := s.Release(ctx, "u1", "run_2"); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx, query("run_1", "99.9")); err != nil {
		t.Fatal(err)
	}
	want(t, s, "u1", [4]string{"300.00", "99.90", "0.00", "200.10"})
	want(t, s, "u2", [4]string{"300.00", "0.00", "0.00", "300.00"}) // the member does not pay
}

func TestSettleCountsOnce(t *testing.T) {
	s, _ := store(t)
	ctx := t.Context()
	for range 3 {
		if err := s.Settle(ctx, query("run_1", "10.000001")); err != nil {
			t.Fatal(err)
		}
	}
	want(t, s, "u1", [4]string{"300.00", "10.000001", "0.00", "289.999999"})
	if err := s.Hold(ctx, "u1", "run_1", usd("1")); !fault.Is(err, fault.Conflict) {
		t.Errorf("a hold after its settlement: %v", err)
	}
	total, err := s.Total(ctx, "ws1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]map[string]string{"u2": {"query": "10.000001"}}, total.Members); diff != "" {
		t.Error(diff)
	}
}

func TestSettleAtTheSameMomentCountsOnce(t *testing.T) {
	s, _ := store(t)
	both(func() { _ = s.Settle(t.Context(), query("run_1", "10")) })
	// One of the two may have been told to try again; the delivery after it settles.
	if err := s.Settle(t.Context(), query("run_1", "10")); err != nil {
		t.Fatal(err)
	}
	want(t, s, "u1", [4]string{"300.00", "10.00", "0.00", "290.00"})
}

func TestTwoHoldsAtOnceCannotOverspend(t *testing.T) {
	s, _ := store(t)
	var mu sync.Mutex
	held := 0
	n := 0
	both(func() {
		mu.Lock()
		n++
		id := []string{"", "run_1", "run_2"}[n]
		mu.Unlock()
		if err := s.Hold(t.Context(), "u1", id, usd("200")); err == nil {
			mu.Lock()
			held++
			mu.Unlock()
		} else if !fault.Is(err, fault.Budget) && !fault.Is(err, fault.Unavailable) {
			t.Error(err)
		}
	})
	if held != 1 {
		t.Errorf("%d holds of 200 of 300 went through, want 1", held)
	}
	want(t, s, "u1", [4]string{"300.00", "0.00", "200.00", "100.00"})
}

// both runs f twice at the same moment.
func both(f func()) {
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(f)
	}
	wg.Wait()
}

func TestHoldKeepsToWhatIsLeft(t *testing.T) {
	for _, c := range []struct {
		amount string
		kind   fault.Kind
	}{{"0", ""}, {"300", ""}, {"300.000001", fault.Budget}, {"-1", fault.Invalid}} {
		s, _ := store(t)
		if err := s.Hold(t.Context(), "u1", "run_1", usd(c.amount)); fault.KindOf(err) != c.kind {
			t.Errorf("hold of %s: %v, want %q", c.amount, err, c.kind)
		}
	}
}

func TestCostAboveTheHoldIsBooked(t *testing.T) {
	s, _ := store(t)
	if err := s.Settle(t.Context(), query("run_1", "301")); err != nil {
		t.Fatal(err)
	}
	want(t, s, "u1", [4]string{"300.00", "301.00", "0.00", "0.00"})
	if err := s.Hold(t.Context(), "u1", "run_2", usd("0.01")); !fault.Is(err, fault.Budget) {
		t.Errorf("hold with nothing left: %v", err)
	}
}

func TestCreditsEndAYearAfterTheFirstTier(t *testing.T) {
	s, now := store(t)
	first := t0.AddDate(0, -1, 0)
	if _, err := s.Client.Collection(access.Accounts).Doc("u1").Set(t.Context(), access.Account{UID: "u1", FirstTierAt: first}); err != nil {
		t.Fatal(err)
	}
	end := first.Add(365 * 24 * time.Hour)
	now.Set(end.Add(-time.Microsecond))
	st, err := s.Standing(t.Context(), "u1")
	if err != nil || st.Expired || !st.ExpiresAt.Equal(end) {
		t.Errorf("%+v, %v; want the end at %s", st, err, end)
	}
	if err := s.Hold(t.Context(), "u1", "run_1", usd("1")); err != nil {
		t.Error(err)
	}
	now.Set(end)
	if err := s.Hold(t.Context(), "u1", "run_2", usd("1")); !fault.Is(err, fault.Budget) {
		t.Errorf("hold on the last moment: %v", err)
	}
	if err := s.Settle(t.Context(), query("run_1", "0.5")); err != nil {
		t.Errorf("what runs over the end is still booked: %v", err)
	}
}

func TestSpendsAreChecked(t *testing.T) {
	s, _ := store(t)
	for name, change := range map[string]func(*credits.Spend){
		"negative":  func(sp *credits.Spend) { sp.Amount = "-1" },
		"no number": func(sp *credits.Spend) { sp.Amount = "many" },
		"path":      func(sp *credits.Spend) { sp.ID = "a/b" },
		"no payer":  func(sp *credits.Spend) { sp.OwnerUID = "" },
		"kind":      func(sp *credits.Spend) { sp.Kind = "gift" },
	} {
		sp := query("run_1", "1")
		change(&sp)
		if err := s.Settle(t.Context(), sp); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTotalIsTheSumOfThePages(t *testing.T) {
	s, _ := store(t)
	ctx := t.Context()
	for _, sp := range []credits.Spend{query("run_1", "0.1"), query("run_2", "0.2"), query("run_3", "0.3")} {
		if sp.ID == "run_3" {
			sp.Kind, sp.MemberUID = credits.Storage, "u3"
		}
		if err := s.Settle(ctx, sp); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	cursor := ""
	for range 5 {
		page, next, err := s.Spends(ctx, "ws1", 2, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, sp := range page {
			ids = append(ids, sp.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"run_3", "run_2", "run_1"}, ids); diff != "" {
		t.Error(diff)
	}
	total, err := s.Total(ctx, "ws1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]map[string]string{"u2": {"query": "0.3"}, "u3": {"storage": "0.3"}}, total.Members); diff != "" {
		t.Error(diff)
	}
	if other, err := s.Total(ctx, "ws2"); err != nil || len(other.Members) != 0 {
		t.Errorf("another workspace: %+v, %v", other, err)
	}
}
