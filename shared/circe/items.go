package circe

// A concept set may hold some thousand concepts, and nearly all of a large
// definition is the words that describe them to people. Concepts that are written
// as ATLAS writes them are therefore read straight into items. Anything else about
// one, right or wrong, is left to the tree, which knows its path: see scanner.list
// and reader.itemsOf.

// conceptWord is the place from 1 of a field by which ATLAS describes a concept to
// people, 0 of any other name.
func conceptWord(key string) int {
	switch key {
	case "CONCEPT_NAME":
		return 1
	case "STANDARD_CONCEPT":
		return 2
	case "STANDARD_CONCEPT_CAPTION":
		return 3
	case "INVALID_REASON":
		return 4
	case "INVALID_REASON_CAPTION":
		return 5
	case "CONCEPT_CODE":
		return 6
	case "DOMAIN_ID":
		return 7
	case "VOCABULARY_ID":
		return 8
	case "CONCEPT_CLASS_ID":
		return 9
	case "VALID_START_DATE":
		return 10
	case "VALID_END_DATE":
		return 11
	}
	return 0
}

// item reads one concept of a set with its flags. It is false, and nothing is
// read, where the concept is written in any other way than ATLAS's own.
func (s *scanner) item() (Item, bool) {
	from := s.at
	var it Item
	var seen once
	ok := s.fields(func(key []byte) bool {
		switch string(key) {
		case "concept":
			return seen.first(0) && s.concept(&it.ConceptID)
		case "isExcluded":
			return seen.first(1) && s.flag(&it.Excluded)
		case "includeDescendants":
			return seen.first(2) && s.flag(&it.Descendants)
		case "includeMapped":
			return seen.first(3) && s.flag(&it.Mapped)
		}
		return false
	})
	if !ok || seen.first(0) {
		s.at = from
		return Item{}, false
	}
	return it, true
}

// concept reads the id of a concept that is described in texts.
func (s *scanner) concept(id *int64) bool {
	var seen once
	ok := s.fields(func(key []byte) bool {
		if string(key) == "CONCEPT_ID" {
			return seen.first(0) && s.conceptID(id)
		}
		word := conceptWord(string(key))
		if word == 0 || !seen.first(word) {
			return false
		}
		switch s.next() {
		case '"':
			if _, ok := s.plain(); ok {
				return true
			}
			_, err := s.string()
			return err == nil
		case 'n':
			return s.word("null") == nil
		}
		return false
	})
	return ok && !seen.first(0)
}

// once notes which of an object's fields have been read.
type once uint16

// first notes a field and reports whether it had not been read.
func (o *once) first(place int) bool {
	was := *o
	*o |= 1 << place
	return *o != was
}

// fields reads an object that has fields, each value by the caller.
func (s *scanner) fields(value func(key []byte) bool) bool {
	if s.next() != '{' {
		return false
	}
	for {
		s.at++
		if s.next() != '"' {
			return false
		}
		key, ok := s.plain()
		if !ok || s.next() != ':' {
			return false
		}
		s.at++
		if !value(key) {
			return false
		}
		switch s.next() {
		case ',':
		case '}':
			s.at++
			return true
		default:
			return false
		}
	}
}

func (s *scanner) flag(v *bool) bool {
	if *v = s.next() == 't'; *v {
		return s.word("true") == nil
	}
	return s.word("false") == nil
}

// conceptID reads a whole number of a length that cannot overflow.
func (s *scanner) conceptID(id *int64) bool {
	s.space()
	from := s.at
	for ; s.at < len(s.raw) && s.raw[s.at] >= '0' && s.raw[s.at] <= '9'; s.at++ {
		*id = *id*10 + int64(s.raw[s.at]-'0')
		if s.at-from == 15 {
			return false
		}
	}
	return s.at > from && *id < maxConceptID && (s.raw[from] != '0' || s.at == from+1)
}

// itemsOf reads a list of concepts; those that are in any way unusual stand in the
// tree.
func (r *reader) itemsOf(o object) []Item {
	n := o.take("items")
	if n == nil {
		return nil
	}
	if n.form != listForm {
		r.bad(n, "a list is expected")
		return nil
	}
	if r.items += len(n.items); r.items > MaxItems {
		r.bad(n, "at most %d concepts are accepted in all concept sets together", MaxItems)
		return nil
	}
	for _, k := range n.kids {
		n.items[k.index] = r.item(k)
	}
	return n.items
}
