package seed

import (
	"slices"
	"strings"
	"time"
)

// sampleVersion is what the sample calls its own version; it is no release of the
// OMOP vocabularies.
const sampleVersion = "hub synthetic sample 1"

var validFrom, validTo = dayOf(1970, time.January, 1), dayOf(2099, time.December, 31)

// A vocabulary's, domain's or relationship's own concept; 0 where it is not known
// for certain.
var vocabularies = []struct {
	id, name  string
	conceptID int64
}{
	{"None", "OMOP Standardized Vocabularies", 44819096},
	{"SNOMED", "Systematic Nomenclature of Medicine - Clinical Terms (IHTSDO)", 44819097},
	{"ICD10CM", "International Classification of Diseases, Tenth Revision, Clinical Modification (NCHS)", 44819098},
	{"LOINC", "Logical Observation Identifiers Names and Codes (Regenstrief Institute)", 44819102},
	{"RxNorm", "RxNorm (NLM)", 44819104},
	{"UCUM", "Unified Code for Units of Measure (Regenstrief Institute)", 44819107},
	{"Gender", "OMOP Gender", 44819108},
	{"Race", "Race and Ethnicity Code Set (USBC)", 44819109},
	{"Ethnicity", "OMOP Ethnicity", 44819134},
	{"Visit", "OMOP Visit", 44819119},
	{"Medicare Specialty", "Medicare provider/supplier specialty codes (CMS)", 44819138},
	{"Domain", "OMOP Domain", 44819147},
	{"Vocabulary", "OMOP Vocabulary", 44819232},
	{"Relationship", "OMOP Relationship", 44819235},
	{"Type Concept", "OMOP Type Concept", 0},
}

var domains = []struct {
	id        string
	conceptID int64
}{
	{"Condition", 19}, {"Drug", 13}, {"Procedure", 10}, {"Measurement", 21}, {"Observation", 27}, {"Visit", 8},
	{"Gender", 2}, {"Race", 3}, {"Ethnicity", 4}, {"Unit", 16}, {"Type Concept", 58}, {"Metadata", 7},
	{"Provider", 33}, {"Language", 0},
}

var relationships = []struct {
	id, name, hierarchical, ancestry, reverse string
	conceptID                                 int64
}{
	{"Is a", "Is a", "1", "0", "Subsumes", 44818821},
	{"Subsumes", "Subsumes", "1", "1", "Is a", 44818723},
	{"Maps to", "Non-standard to Standard map (OMOP)", "0", "0", "Mapped from", 44818977},
	{"Mapped from", "Standard to Non-standard map (OMOP)", "0", "0", "Maps to", 44818976},
}

// synonyms help a search for everyday words.
var synonyms = []struct {
	id   int64
	name string
}{
	{201826, "Type II diabetes mellitus"}, {201826, "T2DM"}, {201820, "Diabetes"}, {316866, "High blood pressure"},
	{320128, "Primary hypertension"}, {4329847, "Heart attack"}, {313217, "AFib"}, {255573, "COPD"},
	{318800, "Acid reflux"}, {381316, "Stroke"}, {46271022, "CKD"}, {192671, "GI bleed"}, {80180, "Degenerative joint disease"},
	{3004410, "HbA1c"}, {3038553, "BMI"}, {1125315, "paracetamol"}, {1154343, "salbutamol"},
}

func writeVocabulary(out *sink) {
	concepts := slices.Clone(sample)
	own := func(id int64, name, vocabulary string) {
		if id != 0 {
			concepts = append(concepts, concept{id, name, "Metadata", vocabulary, vocabulary, "", "OMOP generated"})
		}
	}
	for _, v := range vocabularies {
		version := ""
		if v.id == "None" {
			version = sampleVersion
		}
		out.table("vocabulary").text(v.id).text(v.name).skip(1).text(version).int(v.conceptID).end()
		own(v.conceptID, v.name, "Vocabulary")
	}
	for _, d := range domains {
		out.table("domain").text(d.id).text(d.id).int(d.conceptID).end()
		own(d.conceptID, d.id, "Domain")
	}
	for _, r := range relationships {
		out.table("relationship").text(r.id).text(r.name).text(r.hierarchical).text(r.ancestry).text(r.reverse).int(r.conceptID).end()
		own(r.conceptID, r.name, "Relationship")
	}
	slices.SortFunc(concepts, func(a, b concept) int { return int(a.id - b.id) })
	var classes []string
	for _, c := range concepts {
		out.table("concept").int(c.id).text(c.name).text(c.domain).text(c.vocabulary).text(c.class).text(c.standard).
			text(c.code).date(validFrom).date(validTo).end()
		if !slices.Contains(classes, c.class) {
			classes = append(classes, c.class)
			out.table("concept_class").text(c.class).text(c.class).int(0).end()
		}
	}
	for _, s := range synonyms {
		out.table("concept_synonym").int(s.id).text(s.name).int(language).end()
	}
	for _, k := range ancestors() {
		out.table("concept_ancestor").int(k.ancestor).int(k.descendant).int(k.minLevels).int(k.maxLevels).end()
	}
	writeRelationships(out)
}

func writeRelationships(out *sink) {
	both := func(from int64, there string, to int64, back string) {
		out.table("concept_relationship").int(from).int(to).text(there).date(validFrom).date(validTo).end()
		out.table("concept_relationship").int(to).int(from).text(back).date(validFrom).date(validTo).end()
	}
	for _, c := range sample {
		if c.standard == "S" && clinical(c.domain) {
			both(c.id, "Maps to", c.id, "Mapped from")
		}
		if to, ok := mappedTo[c.id]; ok {
			both(c.id, "Maps to", to, "Mapped from")
		}
		if c.domain != "Condition" {
			// From a drug to its ingredient RxNorm goes through components, which
			// the sample leaves out.
			continue
		}
		for _, parent := range parents[c.id] {
			both(c.id, "Is a", parent, "Subsumes")
		}
	}
}

// The health system: a few sites, where persons live and are treated.
const (
	locations = 20
	careSites = 5
	providers = 40
)

var specialties = []int64{38004446, 38004453, 38004456, 38004451}

func writeHealthSystem(out *sink) {
	states := strings.Fields("AZ CA GA IL MA MI NY PA TX WI")
	for i := range int64(locations) {
		state := states[i%int64(len(states))]
		// No street, no town: the state is all that is made up of an address.
		out.table("location").int(i + 1).skip(3).text(state).skip(2).text("location-" + state).end()
	}
	for i := range int64(careSites) {
		out.table("care_site").int(i + 1).text("Care site " + string(rune('A'+i))).skip(1).int(i + 1).end()
	}
	for i := range int64(providers) {
		out.table("provider").int(i + 1).skip(3).int(specialties[i%int64(len(specialties))]).int(i%careSites + 1).end()
	}
	out.table("cdm_source").text("Research Hub synthetic data").text("synthetic").text("Research Hub").
		text("A made-up population; no record is of a real person.").skip(2).date(dataEnd).date(dataEnd).
		text("v5.4").int(0).text(sampleVersion).end()
}
