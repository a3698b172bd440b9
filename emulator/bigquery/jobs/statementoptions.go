package jobs

import (
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// constant gives the value of an expression that is written out in the
// statement.
func constant(e googlesql.Expr) (googlesql.Value, bool) {
	switch e := e.(type) {
	case *googlesql.Literal:
		return e.Value, true
	case *googlesql.MakeStruct:
		return constants(e.T, e.Fields)
	case *googlesql.Call:
		if e.Name == "$make_array" {
			return constants(e.T, e.Args)
		}
	}
	return googlesql.Value{}, false
}

func constants(t *googlesql.Type, list []googlesql.Expr) (googlesql.Value, bool) {
	out := make([]googlesql.Value, len(list))
	for i, e := range list {
		v, ok := constant(e)
		if !ok {
			return v, false
		}
		out[i] = v
	}
	return googlesql.Value{Type: t, V: out}, true
}

// textOption reads an option that is a STRING; NULL is empty.
func textOption(o googlesql.Option) (string, error) {
	v, ok := constant(o.Value)
	if !ok {
		return "", &translate.Unsupported{What: "the option " + o.Name + " of what is no literal"}
	}
	if v.IsNull() {
		return "", nil
	}
	s, ok := v.V.(string)
	if !ok || !v.Type.Is(googlesql.KindString) {
		return "", apierr.InvalidQuery("Invalid value for option %s: a STRING is expected", o.Name).At("query")
	}
	return s, nil
}

// labelsOption reads labels, an ARRAY<STRUCT<STRING, STRING>>.
func labelsOption(o googlesql.Option) (map[string]string, error) {
	bad := apierr.InvalidQuery("Invalid value for option %s: an ARRAY<STRUCT<STRING, STRING>> is expected", o.Name).At("query")
	v, ok := constant(o.Value)
	if !ok {
		return nil, &translate.Unsupported{What: "the option " + o.Name + " of what is no literal"}
	}
	if v.IsNull() {
		return nil, nil
	}
	list, ok := v.V.([]googlesql.Value)
	if !ok || !v.Type.Is(googlesql.KindArray) {
		return nil, bad
	}
	out := map[string]string{}
	for _, x := range list {
		pair, ok := x.V.([]googlesql.Value)
		if !ok || len(pair) != 2 {
			return nil, bad
		}
		key, ok1 := pair[0].V.(string)
		value, ok2 := pair[1].V.(string)
		if !ok1 || !ok2 || !pair[0].Type.Is(googlesql.KindString) || !pair[1].Type.Is(googlesql.KindString) {
			return nil, bad
		}
		if _, twice := out[key]; twice {
			return nil, apierr.InvalidQuery("Duplicate label key %s", key).At("query")
		}
		out[key] = value
	}
	return out, nil
}

// tableOptions applies OPTIONS of a table or view. What would change how the
// table behaves is refused.
func tableOptions(m *bq.Table, list []googlesql.Option) (err error) {
	for _, o := range list {
		switch strings.ToLower(o.Name) {
		case "description":
			m.Description, err = textOption(o)
		case "friendly_name":
			m.FriendlyName, err = textOption(o)
		case "labels":
			m.Labels, err = labelsOption(o)
		case "expiration_timestamp":
			m.ExpirationTime, err = timeOption(o)
		default:
			err = optionRefused(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// timeOption reads an option that is a TIMESTAMP, in milliseconds since 1970;
// NULL is 0.
func timeOption(o googlesql.Option) (int64, error) {
	v, ok := constant(o.Value)
	if !ok {
		return 0, &translate.Unsupported{What: "the option " + o.Name + " of what is no literal"}
	}
	if v.IsNull() {
		return 0, nil
	}
	us, ok := v.V.(int64)
	if !ok || !v.Type.Is(googlesql.KindTimestamp) {
		return 0, apierr.InvalidQuery("Invalid value for option %s: a TIMESTAMP is expected", o.Name).At("query")
	}
	return us / 1000, nil
}

// optionRefused refuses an option, unless its value is what holds anyway.
func optionRefused(o googlesql.Option) error {
	if v, ok := constant(o.Value); ok && (v.IsNull() || v.V == false) {
		return nil
	}
	return &translate.Unsupported{What: "the option " + o.Name}
}

func datasetOptions(d *bq.Dataset, list []googlesql.Option) (err error) {
	for _, o := range list {
		switch strings.ToLower(o.Name) {
		case "description":
			d.Description, err = textOption(o)
		case "friendly_name":
			d.FriendlyName, err = textOption(o)
		case "labels":
			d.Labels, err = labelsOption(o)
		case "location":
			var where string
			if where, err = textOption(o); err == nil && where != "" && !strings.EqualFold(where, "US") {
				err = &translate.Unsupported{What: "the location " + where}
			}
		default:
			err = optionRefused(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// columnField describes a column of DDL.
func columnField(d googlesql.ColumnDef) (*bq.TableFieldSchema, error) {
	f := store.Field(d.Name, d.Type)
	if d.NotNull {
		if f.Mode == "REPEATED" {
			return nil, apierr.InvalidQuery("NOT NULL cannot be set on the ARRAY column %s", d.Name).At("query")
		}
		f.Mode = "REQUIRED"
	}
	return f, columnOptions(f, d.Options)
}

func columnOptions(f *bq.TableFieldSchema, list []googlesql.Option) (err error) {
	for _, o := range list {
		if strings.EqualFold(o.Name, "description") {
			f.Description, err = textOption(o)
		} else {
			err = optionRefused(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tableMeta describes the table that CREATE TABLE makes.
func tableMeta(s *googlesql.CreateTable, c *catalog) (*bq.Table, error) {
	m := &bq.Table{}
	from := s.Like
	if from == nil {
		from = s.Copy
	}
	if from != nil {
		t := c.found[from]
		if t == nil {
			return nil, &translate.Unsupported{What: "CREATE TABLE LIKE, CLONE or COPY of " + from.ID()}
		}
		if err := store.CheckTable(t); err != nil {
			return nil, err
		}
		if len(s.PartitionBy) > 0 || len(s.ClusterBy) > 0 {
			return nil, &translate.Unsupported{What: "CREATE TABLE LIKE, CLONE or COPY with PARTITION BY or CLUSTER BY"}
		}
		m.Schema, m.Clustering, m.TimePartitioning, m.RangePartitioning = t.Meta.Schema, t.Meta.Clustering, t.Meta.TimePartitioning, t.Meta.RangePartitioning
		m.Description, m.FriendlyName, m.Labels = t.Meta.Description, t.Meta.FriendlyName, t.Meta.Labels
		return m, tableOptions(m, s.Options)
	}
	m.Schema = &bq.TableSchema{}
	for _, d := range s.Columns {
		f, err := columnField(d)
		if err != nil {
			return nil, err
		}
		m.Schema.Fields = append(m.Schema.Fields, f)
	}
	if err := partitioning(m, s); err != nil {
		return nil, err
	}
	return m, tableOptions(m, s.Options)
}

// alteredTable is what the actions of ALTER TABLE make of a table.
func alteredTable(t *store.Table, actions []googlesql.AlterAction) (*store.Shape, error) {
	meta := *t.Meta
	shape := &store.Shape{Meta: &meta}
	schema := &bq.TableSchema{}
	if t.Meta.Schema != nil {
		for i, f := range t.Meta.Schema.Fields {
			field := *f
			schema.Fields = append(schema.Fields, &field)
			shape.From = append(shape.From, i)
		}
	}
	meta.Schema = schema
	find := func(name string) int {
		return slices.IndexFunc(schema.Fields, func(f *bq.TableFieldSchema) bool { return strings.EqualFold(f.Name, name) })
	}
	for _, a := range actions {
		i := find(a.Name)
		if a.Kind == googlesql.AddColumn {
			i = find(a.Column.Name)
		}
		needs := a.Kind == googlesql.DropColumn || a.Kind == googlesql.RenameColumn || a.Kind == googlesql.SetColumnOptions || a.Kind == googlesql.DropNotNull
		if needs && i < 0 {
			if a.IfExists {
				continue
			}
			return nil, apierr.InvalidQuery("Column not found: %s", a.Name).At("query")
		}
		if needs && i >= 0 && a.Kind != googlesql.SetColumnOptions && a.Kind != googlesql.DropNotNull && structural(t.Meta, schema.Fields[i].Name) {
			return nil, apierr.InvalidQuery("Column %s partitions or clusters the table and cannot be dropped or renamed", a.Name).At("query")
		}
		switch a.Kind {
		case googlesql.AddColumn:
			if i >= 0 {
				if a.IfExists {
					continue
				}
				return nil, apierr.InvalidQuery("Column already exists: %s", a.Column.Name).At("query")
			}
			if a.Column.NotNull {
				return nil, apierr.InvalidQuery("Cannot add required column %s to an existing table", a.Column.Name).At("query")
			}
			f, err := columnField(a.Column)
			if err != nil {
				return nil, err
			}
			schema.Fields, shape.From = append(schema.Fields, f), append(shape.From, -1)
		case googlesql.DropColumn:
			if len(schema.Fields) == 1 {
				return nil, apierr.InvalidQuery("Cannot drop the only column of a table: %s", a.Name).At("query")
			}
			schema.Fields, shape.From = slices.Delete(schema.Fields, i, i+1), slices.Delete(shape.From, i, i+1)
		case googlesql.RenameColumn:
			if find(a.NewName) >= 0 {
				return nil, apierr.InvalidQuery("Column already exists: %s", a.NewName).At("query")
			}
			schema.Fields[i].Name = a.NewName
		case googlesql.SetColumnOptions:
			if err := columnOptions(schema.Fields[i], a.Options); err != nil {
				return nil, err
			}
		case googlesql.DropNotNull:
			schema.Fields[i].Mode = "NULLABLE"
		case googlesql.SetOptions:
			if err := tableOptions(&meta, a.Options); err != nil {
				return nil, err
			}
		}
	}
	return shape, nil
}

// structural tells that a column partitions or clusters its table.
func structural(m *bq.Table, name string) bool {
	same := func(s string) bool { return strings.EqualFold(s, name) }
	return m.TimePartitioning != nil && same(m.TimePartitioning.Field) || m.RangePartitioning != nil && same(m.RangePartitioning.Field) ||
		m.Clustering != nil && slices.ContainsFunc(m.Clustering.Fields, same)
}
