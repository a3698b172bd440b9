package civil

// dayOfYear reads %j, all three digits of it.
func (r *reader) dayOfYear(next string) error {
	start := r.c.at
	if !r.c.end() && !isDigit(r.c.peek()) {
		return r.failed()
	}
	if err := r.number(&r.p.yearDay, 3, 1, 366, next); err != nil {
		return err
	}
	if r.c.at-start != 3 {
		return unsupported("PARSE_%s of a day of the year in less than three digits", r.k)
	}
	return nil
}

// placeInYear makes a month and day of a week of the year (and its weekday, else
// its first day) or of a day of the year.
func (p *parsed) placeInYear(k Kind, failed error) error {
	given := 0
	for _, v := range []int64{p.sundayWeek, p.mondayWeek, p.yearDay} {
		if v >= 0 {
			given++
		}
	}
	switch {
	case given == 0:
		return nil
	case given > 1 || p.month >= 0 || p.day >= 0 || p.year < 0:
		return unsupported("PARSE_%s of a week or day of the year without a year, or with more of the date,", k)
	}
	day, ok := dayOf(p.year, 1, 1)+p.yearDay-1, true
	switch {
	case p.sundayWeek >= 0:
		day, ok = p.weekOfYear(p.sundayWeek, 0)
	case p.mondayWeek >= 0:
		day, ok = p.weekOfYear(p.mondayWeek, 1)
	}
	if !ok {
		return unsupported("PARSE_%s of a week that is partly in another year", k)
	}
	y, m, d := Split(day)
	if y != p.year {
		return failed
	}
	p.month, p.day = int64(m), int64(d)
	return nil
}

// weekOfYear is the day of the week number n, week 1 beginning with the year's
// first day that is the weekday first.
func (p *parsed) weekOfYear(n, first int64) (day int64, ok bool) {
	begin := weekBegin(dayOf(p.year, 1, 7), first) + (n-1)*7
	y, _, _ := Split(begin)
	end, _, _ := Split(begin + 6)
	if y != p.year || end != p.year {
		return 0, false
	}
	if p.weekday < 0 {
		return begin, true
	}
	return begin + (p.weekday-first+7)%7, true
}
