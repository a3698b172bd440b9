package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	firestoreemulator "researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/functions/directory"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/project"
)

// bench is a store of its own and the function on a port before it.
type bench struct {
	emulator *firestoreemulator.Emulator
	client   *firestore.Client
	server   *http.Server
	base     string
	made     []project.Project
}

func open(ctx context.Context) (*bench, error) {
	b := &bench{}
	var err error
	if b.emulator, err = firestoreemulator.Start(ctx, firestoreemulator.Options{Progress: func(s string) { fmt.Println(s) }}); err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"FIRESTORE_EMULATOR_HOST": b.emulator.Host(), "GOOGLE_CLOUD_PROJECT": "demo-bench"} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	if b.client, err = firestorex.Open(ctx, "demo-bench"); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	if b.server != nil {
		_ = b.server.Close()
	}
	if b.client != nil {
		_ = b.client.Close()
	}
	b.emulator.Kill()
}

// seed writes the projects.
func (b *bench) seed(ctx context.Context, n int) error {
	b.made = projects(n)
	w := b.client.BulkWriter(ctx)
	defer w.End()
	for batch := range slices.Chunk(b.made, 2000) {
		var jobs []*firestore.BulkWriterJob
		for _, p := range batch {
			job, err := w.Create(b.client.Collection(project.Collection).Doc(p.ID), p)
			if err != nil {
				return err
			}
			jobs = append(jobs, job)
		}
		w.Flush()
		for _, job := range jobs {
			if _, err := job.Results(); err != nil {
				return err
			}
		}
	}
	return nil
}

// start starts the function and gives how long its first answer takes and what
// it holds in memory, in MB.
func (b *bench) start(ctx context.Context, n int) (time.Duration, float64, error) {
	before := heap()
	cfg, err := fn.ReadConfig[directory.Config](ctx)
	if err != nil {
		return 0, 0, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	handler, err := directory.NewHandler(ctx, cfg, b.client, nobody{}, slog.New(&built{Handler: slog.NewTextHandler(os.Stdout, nil)}))
	if err != nil {
		return 0, 0, err
	}
	b.server = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = b.server.Serve(l) }() // it ends when the bench closes it
	b.base = "http://" + l.Addr().String() + "/directory/v1/search"
	var first answer
	// A search that waits longer than a request may is asked again.
	for err = b.get(ctx, "", &first); errors.Is(err, errNotYet); err = b.get(ctx, "", &first) {
		fmt.Println("the index is not built yet")
	}
	if err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	if first.Total != n {
		return 0, 0, fmt.Errorf("the index has %d projects", first.Total)
	}
	// The process has the made projects as well; their texts are not the index's.
	return took, heap() - before, nil
}

// nobody is a publisher that must not be needed: nothing measured writes.
type nobody struct{}

func (nobody) Publish(context.Context, string, []byte, map[string]string) error {
	return fault.New(fault.Unavailable, "the bench publishes nothing")
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

var errNotYet = errors.New("the function answers 503")

// answer is what is looked at of an answer.
type answer struct {
	Items []struct {
		ID string `json:"id"`
	} `json:"items"`
	Next  string `json:"next"`
	Total int    `json:"total"`
}

// get asks and reads the answer to its end, which is what is measured; then it
// decodes it.
func (b *bench) get(ctx context.Context, query string, into *answer) error {
	text, err := b.ask(ctx, query)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func (b *bench) ask(ctx context.Context, query string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"?"+query, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode == http.StatusServiceUnavailable {
		return nil, errNotYet
	}
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", query, res.StatusCode, text)
	}
	return text, err
}

// search is one of the mix, and how many projects it may find.
type search struct {
	name, query string
	least, most int
}

func text(words string) string { return "query=" + url.QueryEscape(words) }

const anyNumber = 1 << 30

// mix is what people ask: most searches are of a word or two, some of many
// projects, some of none.
var mix = []search{
	{"nothing chosen", "", 1, anyNumber},
	{"by name", "sort=name", 1, anyNumber},
	{"a rare word", text("bribafuase"), 1, 400},
	{"a common word", text("disease"), 1000, anyNumber},
	{"a word of every project", text("participants"), 1, anyNumber},
	{"the beginning of a word", text("dia"), 1000, anyNumber},
	{"two letters", text("co"), 1000, anyNumber},
	{"several words", text("asthma treatment outcomes older adults"), 1, anyNumber},
	{"a sentence", text("how does diabetes relate to access to care in rural areas"), 1, anyNumber},
	{"a phrase", text(`"polygenic risk scores" asthma`), 1, anyNumber},
	{"a phrase of common words", text(`"drug response"`), 1000, anyNumber},
	{"an owner", text("Müller"), 100, anyNumber},
	{"a slip", text("astma"), 1, anyNumber},
	{"words that no project has together", text("bribafuase kabadi opmorp"), 0, anyNumber},
	{"nothing", text("qqqqqq"), 0, 0},
	{"with facets", text("cancer") + "&tier=controlled&kind=genetic&kind=commercial&population=raceEthnicity&year=2024&year=2025", 1, anyNumber},
	{"facets only", "tier=registered&kind=disease&institution=" + url.QueryEscape("University of Example"), 1, anyNumber},
	{"100 lines", text("cohort study") + "&limit=100", 1, anyNumber},
}

// measure asks the mix in turns and gives all times, sorted.
func (b *bench) measure(ctx context.Context, runs int, tell bool) ([]time.Duration, error) {
	took := make([][]time.Duration, len(mix))
	for i := range runs + 2 {
		for k, s := range mix {
			began := time.Now()
			text, err := b.ask(ctx, s.query)
			if err != nil {
				return nil, err
			}
			if i < 2 { // only warms up, and is looked at
				var a answer
				if err := json.Unmarshal(text, &a); err != nil {
					return nil, err
				}
				if a.Total < s.least || a.Total > s.most {
					return nil, fmt.Errorf("%s (%s) finds %d projects", s.name, s.query, a.Total)
				}
				if tell && i == 0 {
					mix[k].name = fmt.Sprintf("%s (%d found)", s.name, a.Total)
				}
				continue
			}
			took[k] = append(took[k], time.Since(began))
		}
	}
	var all []time.Duration
	for k, s := range mix {
		all = append(all, took[k]...)
		slices.Sort(took[k])
		if tell {
			fmt.Printf("%-52s p50 %6.2f ms  p95 %6.2f ms\n", s.name, ms(at(took[k], 50)), ms(at(took[k], 95)))
		}
	}
	slices.Sort(all)
	return all, nil
}

// at is a percentile of sorted times.
func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// built lets the line through that tells how the index was made.
type built struct{ slog.Handler }

func (b *built) Handle(ctx context.Context, r slog.Record) error {
	if r.Message != directory.BuiltMessage {
		return nil
	}
	return b.Handler.Handle(ctx, r)
}

// changesASecond is far more than a directory of this size sees.
const changesASecond = 20

// change renames projects, one after the other, until it is stopped.
func (b *bench) change(ctx context.Context) int {
	tick := time.NewTicker(time.Second / changesASecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		<-tick.C
		p := b.made[n%len(b.made)]
		p.Name, p.UpdatedAt = p.Name+" again", time.Now()
		if _, err := b.client.Collection(project.Collection).Doc(p.ID).Set(ctx, p); err != nil {
			return n
		}
	}
}
