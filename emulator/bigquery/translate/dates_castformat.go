package translate

import "researchhub.example/hub/shared/googlesql"

// modelNames are the types of CAST ... FORMAT as its Go functions name them.
var modelNames = map[googlesql.Kind]string{
	googlesql.KindDate: "date", googlesql.KindTime: "time", googlesql.KindDatetime: "datetime", googlesql.KindTimestamp: "timestamp",
}

// formattedDate is CAST ... FORMAT [AT TIME ZONE] between STRING and a date or
// time; false: it is another cast.
func (t *translator) formattedDate(c *googlesql.Cast) (string, bool) {
	from, to := c.Expr.Type(), c.T
	if c.Format == nil || c.Params != nil {
		return "", false
	}
	zone := t.zone()
	if c.TimeZone != nil {
		zone = t.expr(c.TimeZone)
	}
	call := func(name string, ty *googlesql.Type, args ...string) string {
		if ty.Is(googlesql.KindTimestamp) {
			args = append(args, zone)
		}
		out := name + modelNames[ty.Kind] + "("
		for i, a := range args {
			if i > 0 {
				out += ", "
			}
			out += a
		}
		out += ")"
		if c.Safe {
			out = safeForm(out)
		}
		return out
	}
	switch {
	case modelNames[from.Kind] != "" && to.Is(googlesql.KindString):
		x := t.expr(c.Expr)
		if from.Is(googlesql.KindDate) {
			x = "CAST(" + x + " AS TIMESTAMP)"
		}
		return call("hub_model_", from, x, t.expr(c.Format)), true
	case from.Is(googlesql.KindString) && modelNames[to.Kind] != "":
		out := call("hub_of_model_", to, t.expr(c.Expr), t.expr(c.Format))
		switch to.Kind {
		case googlesql.KindDate:
			out = "hub_ts_date(" + out + ")"
		case googlesql.KindTime:
			out = "CAST(" + out + " AS TIME)"
		}
		return out, true
	}
	return "", false
}
