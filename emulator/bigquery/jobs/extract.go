package jobs

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strings"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

const (
	// maxFile is BigQuery's limit on a file that is extracted without *, in bytes
	// before compression.
	maxFile = 1 << 30
	// shardSize is about the size at which the next file of a URI with * begins.
	shardSize = 256 << 20
)

// extracting is an extract job's plan.
type extracting struct {
	source        store.Key
	bucket        string
	before, after string // of the object's name, around its *
	sharded       bool
	json, gzip    bool
	header        bool
	delimiter     byte
}

// Extract starts a job that writes a table to files in the folder of the
// manager's configuration: gs://bucket/name is bucket/name in it.
func (m *Manager) Extract(id ID, config *bq.JobConfiguration, noHeader bool) (*Job, error) {
	p, err := planExtract(id.Project, config.Extract, noHeader)
	if err != nil {
		return nil, err
	}
	if m.extractDir == "" {
		return nil, apierr.NotImplemented("extract jobs are not supported by the local BigQuery without a folder to write to")
	}
	config.JobType = "EXTRACT"
	return m.start(id, config, bq.JobStatistics{Extract: &bq.JobStatistics4{}}, func(ctx context.Context, j *Job) error {
		return m.extract(ctx, j, p)
	})
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{1,220}[a-z0-9]$`)

func planExtract(project string, e *bq.JobConfigurationExtract, noHeader bool) (*extracting, error) {
	p := &extracting{header: !noHeader, delimiter: ','}
	if e.SourceModel != nil {
		return nil, apierr.NotImplemented("extracting models is not supported by the local BigQuery")
	}
	var err error
	if p.source, err = tableKey(project, e.SourceTable, "sourceTable"); err != nil {
		return nil, err
	}
	uris := e.DestinationUris
	if e.DestinationUri != "" {
		uris = append(uris, e.DestinationUri)
	}
	if len(uris) != 1 {
		if len(uris) == 0 {
			return nil, apierr.Invalid("Required parameter is missing: destinationUris")
		}
		return nil, apierr.NotImplemented("extracting to several URIs is not supported by the local BigQuery")
	}
	if err := p.place(uris[0]); err != nil {
		return nil, err
	}
	switch f := strings.ToUpper(orDefault(e.DestinationFormat, "CSV")); f {
	case "CSV":
	case "NEWLINE_DELIMITED_JSON":
		p.json = true
	default:
		return nil, apierr.NotImplemented("extracting to %s is not supported by the local BigQuery", clip(f))
	}
	switch c := strings.ToUpper(orDefault(e.Compression, "NONE")); c {
	case "NONE":
	case "GZIP":
		p.gzip = true
	default:
		return nil, apierr.NotImplemented("extracting with the compression %s is not supported by the local BigQuery", clip(c))
	}
	if d := e.FieldDelimiter; d != "" {
		if d == `\t` || strings.EqualFold(d, "tab") {
			d = "\t"
		}
		if len(d) != 1 || d[0] >= 0x80 || strings.ContainsAny(d, "\n\r\"") {
			return nil, apierr.NotImplemented("a field delimiter other than one ASCII character is not supported by the local BigQuery")
		}
		p.delimiter = d[0]
	}
	return p, nil
}

// place checks a URI: what it names lies below the folder whatever it holds.
func (p *extracting) place(uri string) error {
	rest, ok := strings.CutPrefix(uri, "gs://")
	bucket, object, whole := strings.Cut(rest, "/")
	if !ok || !whole || object == "" {
		return apierr.Invalid("Invalid destination URI: %s; it must be a Google Cloud Storage location, gs://bucket/object", clip(uri))
	}
	if !bucketName.MatchString(bucket) || strings.Contains(bucket, "..") {
		return apierr.Invalid("Invalid destination URI: %s; %q is no bucket's name", clip(uri), clip(bucket))
	}
	if strings.Count(object, "*") > 1 {
		return apierr.Invalid("Invalid destination URI: %s; it may hold one *", clip(uri))
	}
	for _, part := range strings.Split(object, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\\x00") || len(part) > 200 {
			return apierr.Invalid("Invalid destination URI: %s; an object's name must not have the part %q here", clip(uri), clip(part))
		}
	}
	p.bucket = bucket
	p.before, p.after, p.sharded = strings.Cut(object, "*")
	return nil
}

// name is the path of a file below the folder.
func (p *extracting) name(shard int) string {
	if !p.sharded {
		return p.bucket + "/" + p.before
	}
	return fmt.Sprintf("%s/%s%012d%s", p.bucket, p.before, shard, p.after)
}

func (m *Manager) extract(ctx context.Context, j *Job, p *extracting) (err error) {
	t, err := m.Store.Table(p.source)
	if err != nil {
		return err
	}
	if err := store.CheckTable(t); err != nil {
		return err
	}
	if !p.json {
		for _, c := range t.Columns {
			if c.Type.Is(googlesql.KindArray, googlesql.KindStruct) {
				return apierr.Invalid("Operation cannot be performed on a nested schema. Field: %s", c.Name)
			}
		}
	}
	if err := os.MkdirAll(m.extractDir, 0o700); err != nil {
		return fmt.Errorf("make the folder of extracts: %w", err)
	}
	// A root does not follow a link out of the folder.
	root, err := os.OpenRoot(m.extractDir)
	if err != nil {
		return fmt.Errorf("open the folder of extracts: %w", err)
	}
	defer root.Close()
	x := &extractor{plan: p, root: root, table: t}
	defer func() {
		if err != nil {
			x.discard()
		}
	}()
	if err := x.begin(); err != nil {
		return err
	}
	err = m.Store.Read(ctx, t, 0, t.Rows, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			if err := x.row(ch, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := x.finish(); err != nil {
		return err
	}
	sizes, err := m.Store.Bytes(ctx, t)
	if err != nil {
		return err
	}
	stats := &bq.JobStatistics4{DestinationUriFileCounts: googleapi.Int64s{int64(len(x.done))}}
	for _, n := range sizes {
		stats.InputBytes += n
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stats.Extract = stats
	return nil
}

// extractor writes a table's rows to one file after the other. The files appear
// under their names when all are written.
type extractor struct {
	plan  *extracting
	root  *os.Root
	table *store.Table
	done  []string // files under their names for now

	file *os.File
	out  *bufio.Writer
	zip  *gzip.Writer
	size int64
	buf  []byte
}

// partly is the end of a file's name while it is written.
const partly = ".part"

func (x *extractor) begin() error {
	name := x.plan.name(len(x.done)) + partly
	if err := x.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return placeError(err)
	}
	f, err := x.root.Create(name)
	if err != nil {
		return placeError(err)
	}
	x.done = append(x.done, name)
	x.file, x.size, x.zip = f, 0, nil
	var to io.Writer = f
	if x.plan.gzip {
		x.zip = gzip.NewWriter(f)
		to = x.zip
	}
	x.out = bufio.NewWriterSize(to, 1<<20)
	if x.plan.json || !x.plan.header {
		return nil
	}
	x.buf = x.buf[:0]
	for i, c := range x.table.Columns {
		if i > 0 {
			x.buf = append(x.buf, x.plan.delimiter)
		}
		x.buf = appendCSV(x.buf, c.Name, x.plan.delimiter)
	}
	return x.write(append(x.buf, '\n'))
}

// placeError is the caller's fault where the name cannot be a file here.
func placeError(err error) error {
	return apierr.Invalid("The destination cannot be written: %v", errors.Unwrap(err))
}

func (x *extractor) write(b []byte) error {
	x.buf = b
	x.size += int64(len(b))
	_, err := x.out.Write(b)
	return diskError(err)
}

func diskError(err error) error {
	if err != nil {
		return apierr.ResourcesExceed("the extract could not be written; the disk may be full")
	}
	return nil
}

func (x *extractor) row(ch *duck.Chunk, i int) error {
	if x.size >= shardSize && x.plan.sharded {
		if err := x.close(); err != nil {
			return err
		}
		if err := x.begin(); err != nil {
			return err
		}
	}
	if x.size > maxFile && !x.plan.sharded {
		return apierr.Invalid("Table %s too large to be exported to a single file. Specify a uri including a * to shard export. See 'Exporting data into one or more files' in https://cloud.google.com/bigquery/docs/exporting-data.", x.table.Key)
	}
	b := x.buf[:0]
	if x.plan.json {
		b = append(b, '{')
	}
	for k, c := range x.table.Columns {
		v, err := ReadValue(c.Type, ch.Cols[k], i)
		if err != nil {
			return apierr.NotImplemented("extracting field %s of type %s is not supported by the local BigQuery", c.Name, c.Type)
		}
		if x.plan.json {
			b = appendMember(b, c.Name, v)
			continue
		}
		if k > 0 {
			b = append(b, x.plan.delimiter)
		}
		if !v.IsNull() {
			b = appendCSV(b, scalarText(v), x.plan.delimiter)
		}
	}
	if x.plan.json {
		b = append(b, '}')
	}
	return x.write(append(b, '\n'))
}

func (x *extractor) close() error {
	err := x.out.Flush()
	if x.zip != nil {
		err = errors.Join(err, x.zip.Close())
	}
	err = errors.Join(err, x.file.Close())
	x.file = nil
	return diskError(err)
}

// finish gives the files their names.
func (x *extractor) finish() error {
	if err := x.close(); err != nil {
		return err
	}
	for i, name := range x.done {
		final := strings.TrimSuffix(name, partly)
		if err := x.root.Rename(name, final); err != nil {
			return placeError(err)
		}
		x.done[i] = final
	}
	return nil
}

// discard removes what was written of a failed extract.
func (x *extractor) discard() {
	if x.file != nil {
		_ = x.file.Close()
	}
	for _, name := range x.done {
		_ = x.root.Remove(name)
	}
}
