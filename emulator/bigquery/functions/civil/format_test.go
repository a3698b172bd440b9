package civil

import (
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	us := mustMicros(t, "2008-12-05 15:04:05.120000")
	la, err := LoadZone("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	check(t, map[string]string{
		"%A|%a|%B|%b|%h": "Friday|Fri|December|Dec|Dec", "%C|%y|%Y|%E4Y|%G|%g": "20|08|2008|2008|2008|08", "%D %x": "12/05/08 12/05/08",
		"%d|%e|%j|%J|%m|%Q": "05| 5|340|341|12|4", "%F": "2008-12-05", "%U %W %V %u %w": "48 48 49 5 5",
		"%H|%I|%k|%l|%M|%S|%p|%P": "07|07| 7| 7|04|05|AM|am", "%R %T %X": "07:04 07:04:05 07:04:05", "%c": "Fri Dec  5 07:04:05 2008",
		"%E*S|%E3S|%E0S|%E6S": "05.12|05.120|05|05.120000", "%n%t%%": "\n\t%", "%s": "1228489445", "%z|%Ez|%Z": "-0800|-08:00|UTC-8",
		"": "", "é%Y": "é2008", "%E9S": "REFUSED", "%": "REFUSED", "%v": "REFUSED", "%r": "REFUSED", "%Ey": "REFUSED", "%E*f": "REFUSED", "%+": "REFUSED",
		"%5d": "REFUSED", "%E": "REFUSED", "%E1": "REFUSED", "%é": "REFUSED",
	}, func(f string) (string, error) { return Format(KindTimestamp, f, la.Civil(us), us, la) }, same)
	check(t, map[string]string{"%F": "REFUSED", "%Y|%E4Y|%y|%C|%m|%D": "7|0007|07|00|01|01/02/07", "%c": "REFUSED", "%G": "REFUSED", "%Z": "REFUSED"},
		func(f string) (string, error) {
			early := mustMicros(t, "0007-01-02")
			return Format(KindDatetime, f, early, early, UTC)
		}, same)
	check(t, map[string]string{"%Y": "2008", "%H": "REFUSED", "%c": "REFUSED", "%E*S": "REFUSED", "%z": "REFUSED"},
		func(f string) (string, error) { return Format(KindDate, f, us, us, UTC) }, same)
	check(t, map[string]string{"%T": "15:04:05", "%d": "REFUSED", "%I %p": "03 PM", "%s": "54245"},
		func(f string) (string, error) { return Format(KindTime, f, TimeOf(us), TimeOf(us), UTC) }, same)
	if _, err := Format(KindTime, strings.Repeat("%T", maxText/7), 0, 0, UTC); outcome(same, "", err) != "REFUSED" {
		t.Error("a text of any size is made")
	}
}

func TestWeekNumbers(t *testing.T) {
	check(t, map[string]string{
		"2017-01-01": "01 00 52 2016 1", "2016-12-31": "52 52 52 2016 7", "2018-12-31": "52 53 01 2019 2", "2015-01-01": "00 00 01 2015 5", "2012-01-01": "01 00 52 2011 1",
	}, func(s string) (string, error) {
		day := mustDay(t, s) * DayMicros
		out, err := Format(KindDate, "%U %W %V %G %w", day, day, UTC)
		return out[:len(out)-1] + string(out[len(out)-1]+1), err
	}, same)
}

func TestParse(t *testing.T) {
	parse := func(k Kind) func(string) (int64, error) {
		return func(s string) (int64, error) {
			format, text, _ := strings.Cut(s, "|")
			return Parse(k, format, text, UTC)
		}
	}
	check(t, map[string]string{
		"%F|2008-12-25": "2008-12-25 00:00:00", "%Y%m%d|20081225": "2008-12-25 00:00:00", "%x|12/25/08": "2008-12-25 00:00:00", "%D|1/2/70": "1970-01-02 00:00:00",
		"%Y%m%d|2008125": "2008-12-05 00:00:00", "%Y%m%d|200812": "ERROR", "%Y%m%d|081225": "ERROR", "%m%d|115": "1970-11-05 00:00:00", "%d%m|1x": "REFUSED",
		"%A %b %e %Y|Thursday Dec 25 2008": "2008-12-25 00:00:00", "%A %b %e %Y|friday dec 25 2008": "REFUSED", "%b %e|Dec  5": "1970-12-05 00:00:00",
		"%Y|1": "0001-01-01 00:00:00", "%Y|0": "ERROR", "%Y|02008": "REFUSED", "%y|68": "2068-01-01 00:00:00", "%y|69": "1969-01-01 00:00:00", "%y|0": "2000-01-01 00:00:00",
		"%C%y|1905": "1905-01-01 00:00:00", "%C|19": "REFUSED", "%y %Y|08 2008": "REFUSED", "%m|13": "ERROR", "%d|0": "ERROR", "%F|2021-02-29": "ERROR", "%F|2008-12-25x": "ERROR",
		"%F|  2008-12-25\n": "2008-12-25 00:00:00", "%Y %m|2008   12": "2008-12-01 00:00:00", "%Y %m|200812": "REFUSED", "%Y-%m|2008/12": "ERROR",
		"%Y%j|2020032": "2020-02-01 00:00:00", "%Y%j|2021366": "ERROR", "%Y%j|2020 50": "ERROR", "%Y-%j|2020-32": "REFUSED", "%j|100": "REFUSED", "%m %j|01 100": "REFUSED",
		"%W%y|092": "2002-03-04 00:00:00", "%W%y|0902": "2002-03-04 00:00:00", "%W%y|92": "ERROR", "%W%y|902": "ERROR", "%U%g|82": "ERROR", "%U%C|99": "ERROR", "%W%y|92\r\x00": "ERROR",
		"%U %Y|09 2002": "2002-03-03 00:00:00", "%U %Y %a|09 2002 sat": "2002-03-09 00:00:00", "%W %Y %u|09 2002 7": "2002-03-10 00:00:00", "%W %Y %w|09 2002 0": "2002-03-10 00:00:00",
		"%W %Y|00 2002": "REFUSED", "%W %Y|53 2002": "REFUSED", "%W %Y|01 2002": "2002-01-07 00:00:00", "%W %U %Y|01 01 2002": "REFUSED", "%F %u|2002-03-04 1": "2002-03-04 00:00:00", "%F %u|2002-03-04 2": "REFUSED", "%w|7": "ERROR", "%u|0": "ERROR",
		"%U|1": "REFUSED", "%V|1": "REFUSED", "%Q|1": "REFUSED", "%H|1": "REFUSED", "%Y %Y|2008 2009": "REFUSED", "%Y %Y|2008 2008": "2008-01-01 00:00:00",
		"%m|-1": "REFUSED", "%m|": "ERROR", "|": "1970-01-01 00:00:00", "|x": "ERROR", "%%%d|%5": "1970-01-05 00:00:00", "%|1": "REFUSED", "%B|Sept": "ERROR", "%b|September": "1970-09-01 00:00:00",
		"%E4Y|2008": "2008-01-01 00:00:00", "%E4Y|208": "ERROR", "%h|jan": "1970-01-01 00:00:00",
	}, parse(KindDate), DatetimeText)
	check(t, map[string]string{
		"%c|Thu Dec 25 07:30:00 2008": "2008-12-25 07:30:00+00", "%F %T|2008-12-25 07:30:59": "2008-12-25 07:30:59+00", "%FT%E*SZ|x": "ERROR",
		"%Y-%m-%dT%H:%M:%E*SZ|2008-12-25T07:30:59.123456Z": "2008-12-25 07:30:59.123456+00", "%H:%M:%E3S|07:30:59.12": "1970-01-01 07:30:59.120+00",
		"%H:%M:%E3S|07:30:59.1234": "REFUSED", "%H:%M:%E*S|07:30:59.1234567": "REFUSED", "%S|60": "REFUSED", "%S|61": "ERROR", "%E*S|5": "1970-01-01 00:00:05+00", "%E*S|5.": "ERROR",
		"%I:%M %p|03:30 PM": "1970-01-01 15:30:00+00", "%I %p|12 am": "1970-01-01 00:00:00+00", "%l%P|12pm": "1970-01-01 12:00:00+00", "%I|3": "REFUSED", "%p|PM": "REFUSED", "%H %p|3 PM": "REFUSED",
		"%s|1228489445": "2008-12-05 15:04:05+00", "%s|-1": "1969-12-31 23:59:59+00", "%s|99999999999999": "ERROR", "%s|x": "ERROR", "%s %Y|5 2020": "1970-01-01 00:00:05+00",
		"%F %z|2008-12-25 +0530": "2008-12-24 18:30:00+00", "%F%Ez|2008-12-25-08:00": "2008-12-25 08:00:00+00", "%F %z|2008-12-25 +05": "REFUSED", "%F %z|2008-12-25 Z": "REFUSED",
		"%F %z|2008-12-25 +9900": "ERROR", "%F %z|2008-12-25 x": "ERROR", "%F %Z|2008-12-25 America/Los_Angeles": "2008-12-25 08:00:00+00", "%Z %F|UTC 2008-12-25": "2008-12-25 00:00:00+00", "%F %Z|2008-12-25 Nowhere": "ERROR",
		"%Z,%F|UTC,2008-12-25": "REFUSED", "%F %z|0001-01-01 +0100": "ERROR", "%H|24": "ERROR", "%k:%M| 7:05": "1970-01-01 07:05:00+00", "%R|07:05": "1970-01-01 07:05:00+00",
	}, parse(KindTimestamp), utcText)
	check(t, map[string]string{"%T|07:30:59": "1970-01-01 07:30:59", "%d|1": "REFUSED", "%s|1": "REFUSED", "%z|+0000": "REFUSED"}, parse(KindTime), DatetimeText)
	check(t, map[string]string{"%F %T|2008-12-25 07:30:59": "2008-12-25 07:30:59", "%Z|UTC": "REFUSED", "%s|1": "REFUSED"}, parse(KindDatetime), DatetimeText)
}

func TestFormatModel(t *testing.T) {
	us := mustMicros(t, "2018-02-03 21:04:05.16")
	z, err := LoadZone("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	format := func(k Kind) func(string) (string, error) {
		return func(m string) (string, error) { return FormatModel(k, m, us, us, z) }
	}
	check(t, map[string]string{
		"YYYY-MM-DD HH24:MI:SS": "2018-02-03 21:04:05", "yyy yy y rrrr rr": "018 18 8 2018 18", "MON Mon mon": "FEB Feb feb", "DY Dy dy dY": "SAT Sat sat sat", "DDD": "034",
		"HH HH12 am a.m. P.M. pM": "09 09 pm p.m. P.M. pm", "SSSSS": "75845", "FF2 FF6": "16 160000", "FF1": "REFUSED", "FF7": "REFUSED", "FF": "REFUSED", "TZHTZM": "+0530",
		"MONTH": "REFUSED", "DAY": "REFUSED", "D": "REFUSED", `"at" HH24`: "at 21", `"at`: "REFUSED", "": "", "Q": "REFUSED", "Y,YYY": "REFUSED", "-./,';: ": "-./,';: ",
	}, format(KindTimestamp), same)
	check(t, map[string]string{"YYYY": "2018", "HH24": "ERROR", "TZH": "ERROR"}, format(KindDate), same)
	check(t, map[string]string{"YYYY": "ERROR", "HH24:MI": "21:04"}, format(KindTime), same)
	parse := func(k Kind) func(string) (int64, error) {
		return func(s string) (int64, error) {
			model, text, _ := strings.Cut(s, "|")
			return ParseModel(k, model, text, z)
		}
	}
	check(t, map[string]string{
		"YYYY-MM-DD|2018-12-03": "2018-12-03 00:00:00", "DD MON YYYY|03 dec 2018": "2018-12-03 00:00:00", "YYYYMMDD HH24MISS.FF3|20181203 040506.789": "2018-12-03 04:05:06.789", "YYYY-MM|2018-12": "2018-12-01 00:00:00",
		"YYYY-MM-DD|2018-02-30": "ERROR", "YYYY-MM-DD|18-12-03": "REFUSED", "YYYY-MM-DD|2018-1-03": "REFUSED", "YY-MM-DD|18-12-03": "REFUSED", "MM-DD|12-03": "REFUSED", "YYYY|2018": "REFUSED", "YYYY-MM-DD|2018-12-03 ": "REFUSED",
		"YYYY-MM-DD HH:MI PM|2018-12-03 03:30 pm": "2018-12-03 15:30:00", "YYYY-MM-DD HH12:MI A.M.|2018-12-03 12:30 A.M.": "2018-12-03 00:30:00", "YYYY-MM-DD HH|2018-12-03 03": "REFUSED", "YYYY-MM MM|2018-12 12": "REFUSED", "YYYY-MM-DD HH24|2018-12-03 24": "REFUSED",
	}, parse(KindDatetime), DatetimeText)
	check(t, map[string]string{"yyyy-mm-dd|2134-05-06": "2134-05-05 18:30:00+00"}, parse(KindTimestamp), utcText)
	check(t, map[string]string{"YYYY-MM-DD HH24|2018-12-03 04": "ERROR", "YYYY-MM-DD|2018-12-03": "2018-12-03 00:00:00"}, parse(KindDate), DatetimeText)
	check(t, map[string]string{"HH24:MI|15:30": "1970-01-01 15:30:00", "YYYY|2018": "ERROR"}, parse(KindTime), DatetimeText)
}
