package circe

import "maps"

// kind is how an attribute is written in JSON and compared in SQL.
type kind int

const (
	dateRange kind = iota
	intRange
	decimalRange
	conceptList // with an Exclude flag beside it where the attribute has one
	conceptSet  // {"CodesetId":…, "IsExclusion":…}
	textFilter
	abnormal
	setNumber      // the bare id of a concept set
	careSiteRegion // the bare id of a concept set of regions, through the care site's history of locations
)

// join is a table that an attribute needs beside the event's own.
type join int

const (
	noJoin join = iota
	joinPerson
	joinProvider
	joinVisit
	joinCareSite
)

// attribute is one field of a criterion. expr is SQL over the aliases t (the
// event's table), p (person), pr (provider), v (visit) and cs (care site).
type attribute struct {
	kind    kind
	expr    string
	columns []string // columns of t that expr reads
	join    join
	exclude string // name of the flag that turns a concept list round
	// legacy is true where expr reads what CDM v5.4 does not have.
	legacy bool
}

// domain says how one criteria type reads its CDM table (OMOP CDM v5.4).
type domain struct {
	name, table          string
	id, concept, source  string
	start                string
	end                  string // SQL over t
	endColumns           []string
	visit                string
	sourceField          string // JSON name of the source concept set
	attributes           map[string]attribute
	names                []string          // of the attributes, in order
	counts               map[string]string // count columns beyond the common ones
	startField, endField string
	period               bool // takes a UserDefinedPeriod
	single               bool // has no First
	// legacy is true where the table is one that CDM v5.4 does not have.
	legacy bool
}

// old marks an attribute of an earlier version of the CDM.
func old(a attribute) attribute {
	a.legacy = true
	return a
}

// careSitesRegion is where the care site was during the visit. OHDSI's SQL for
// it never runs; this is what it means.
func careSitesRegion(d *domain) attribute {
	return attribute{kind: careSiteRegion, columns: append([]string{"care_site_id", d.start}, d.endColumns...), legacy: true,
		expr: "h.entity_id = t.care_site_id AND h.domain_id = 'CARE_SITE'\n    AND t." + d.start + " >= h.start_date AND " + d.end + " <= COALESCE(h.end_date, " + openEnd + ")"}
}

// openEnd stands for the end of a stay that goes on.
const openEnd = "DATE '2099-12-31'"

// placeOfService is the kind of care site that a visit took place at.
func placeOfService(k kind) attribute {
	return attribute{kind: k, expr: "cs.place_of_service_concept_id", columns: []string{"care_site_id"}, join: joinCareSite}
}

func col(k kind, column string) attribute {
	return attribute{kind: k, expr: "t." + column, columns: []string{column}}
}

// concepts adds an attribute as list, as concept set, and its Exclude flag.
func concepts(m map[string]attribute, name, column string, exclude bool) {
	a := col(conceptList, column)
	if exclude {
		a.exclude = name + "Exclude"
	}
	m[name] = a
	m[name+"CS"] = col(conceptSet, column)
}

// years is a person's age: the year of the date less the year of birth.
func years(date string) attribute {
	return attribute{kind: intRange, expr: "EXTRACT(YEAR FROM " + date + ") - p.year_of_birth", join: joinPerson}
}

func (d *domain) withCommon(visits bool) *domain {
	if d.attributes == nil {
		d.attributes = map[string]attribute{}
	}
	a := d.attributes
	a["Gender"] = attribute{kind: conceptList, expr: "p.gender_concept_id", join: joinPerson}
	a["GenderCS"] = attribute{kind: conceptSet, expr: "p.gender_concept_id", join: joinPerson}
	if d.startField != "" {
		a[d.startField] = attribute{kind: dateRange, expr: "t." + d.start, columns: []string{d.start}}
	}
	if d.endField != "" {
		a[d.endField] = attribute{kind: dateRange, expr: d.end, columns: d.endColumns}
	}
	if visits {
		a["ProviderSpecialty"] = attribute{kind: conceptList, expr: "pr.specialty_concept_id", columns: []string{"provider_id"}, join: joinProvider}
		a["ProviderSpecialtyCS"] = attribute{kind: conceptSet, expr: "pr.specialty_concept_id", columns: []string{"provider_id"}, join: joinProvider}
	}
	if visits && d.table != "visit_occurrence" && d.table != "visit_detail" {
		a["VisitType"] = attribute{kind: conceptList, expr: "v.visit_concept_id", columns: []string{"visit_occurrence_id"}, join: joinVisit}
		a["VisitTypeCS"] = attribute{kind: conceptSet, expr: "v.visit_concept_id", columns: []string{"visit_occurrence_id"}, join: joinVisit}
	}
	return d
}

// length is the whole days from an event's start to its end.
func (d *domain) length() attribute {
	return attribute{kind: intRange, expr: "DATE_DIFF(" + d.end + ", t." + d.start + ", DAY)", columns: append([]string{d.start}, d.endColumns...)}
}

// occurrence describes a table of single events. Those of one day have no end that
// Circe could be asked for.
func occurrence(name, table, prefix, start, end string, endColumns ...string) *domain {
	d := &domain{name: name, table: table, id: table + "_id", concept: prefix + "_concept_id", source: prefix + "_source_concept_id",
		start: start, end: end, endColumns: endColumns, visit: "visit_occurrence_id", attributes: map[string]attribute{},
		startField: "OccurrenceStartDate", counts: map[string]string{}}
	if len(endColumns) > 0 {
		d.endField = "OccurrenceEndDate"
	}
	return d
}

// era describes a table of eras or periods.
func era(name, table, concept, field string) *domain {
	d := &domain{name: name, table: table, id: table + "_id", concept: concept, start: table + "_start_date",
		end: "t." + table + "_end_date", endColumns: []string{table + "_end_date"}, attributes: map[string]attribute{},
		startField: field + "StartDate", endField: field + "EndDate", counts: map[string]string{}}
	d.withCommon(false)
	d.attributes[field+"Length"] = d.length()
	d.attributes["AgeAtStart"] = years("t." + d.start)
	d.attributes["AgeAtEnd"] = years(d.end)
	return d
}

var domains = func() map[string]*domain {
	m := map[string]*domain{}
	add := func(d *domain) { m[d.name] = d }
	age := func(d *domain) *domain {
		d.attributes["Age"] = years("t." + d.start)
		return d
	}
	set := func(d *domain, more map[string]attribute) { maps.Copy(d.attributes, more) }

	d := age(occurrence("ConditionOccurrence", "condition_occurrence", "condition", "condition_start_date",
		"COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY))", "condition_end_date").withCommon(true))
	d.sourceField = "ConditionSourceConcept"
	concepts(d.attributes, "ConditionType", "condition_type_concept_id", true)
	concepts(d.attributes, "ConditionStatus", "condition_status_concept_id", false)
	set(d, map[string]attribute{"StopReason": col(textFilter, "stop_reason")})
	add(d)

	d = age(occurrence("DrugExposure", "drug_exposure", "drug", "drug_exposure_start_date",
		"COALESCE(t.drug_exposure_end_date, DATE_ADD(t.drug_exposure_start_date, INTERVAL t.days_supply DAY), DATE_ADD(t.drug_exposure_start_date, INTERVAL 1 DAY))",
		"drug_exposure_end_date", "days_supply").withCommon(true))
	d.sourceField = "DrugSourceConcept"
	concepts(d.attributes, "DrugType", "drug_type_concept_id", true)
	concepts(d.attributes, "RouteConcept", "route_concept_id", false)
	set(d, map[string]attribute{"StopReason": col(textFilter, "stop_reason"), "LotNumber": col(textFilter, "lot_number"),
		"Refills": col(intRange, "refills"), "Quantity": col(decimalRange, "quantity"), "DaysSupply": col(intRange, "days_supply"),
		// CDM v5.4 has neither column.
		"EffectiveDrugDose": old(col(decimalRange, "effective_drug_dose")),
		"DoseUnit":          old(col(conceptList, "dose_unit_concept_id")), "DoseUnitCS": old(col(conceptSet, "dose_unit_concept_id"))})
	d.counts = map[string]string{"DAYS_SUPPLY": "days_supply", "QUANTITY": "quantity", "REFILLS": "refills"}
	add(d)

	d = age(occurrence("ProcedureOccurrence", "procedure_occurrence", "procedure", "procedure_date",
		"DATE_ADD(t.procedure_date, INTERVAL 1 DAY)").withCommon(true))
	d.sourceField = "ProcedureSourceConcept"
	concepts(d.attributes, "ProcedureType", "procedure_type_concept_id", true)
	concepts(d.attributes, "Modifier", "modifier_concept_id", false)
	set(d, map[string]attribute{"Quantity": col(intRange, "quantity")})
	d.counts = map[string]string{"QUANTITY": "quantity"}
	add(d)

	d = age(occurrence("VisitOccurrence", "visit_occurrence", "visit", "visit_start_date", "t.visit_end_date", "visit_end_date").withCommon(true))
	d.sourceField = "VisitSourceConcept"
	concepts(d.attributes, "VisitType", "visit_type_concept_id", true)
	set(d, map[string]attribute{"VisitLength": d.length(), "PlaceOfService": placeOfService(conceptList), "PlaceOfServiceCS": placeOfService(conceptSet),
		// CDM v5.4 keeps no history of locations.
		"PlaceOfServiceLocation": careSitesRegion(d)})
	add(d)

	d = occurrence("VisitDetail", "visit_detail", "visit_detail", "visit_detail_start_date", "t.visit_detail_end_date", "visit_detail_end_date")
	d.startField, d.endField, d.sourceField = "VisitDetailStartDate", "VisitDetailEndDate", "VisitDetailSourceConcept"
	age(d.withCommon(true))
	// Circe gives this type concept sets only, no lists.
	delete(d.attributes, "Gender")
	delete(d.attributes, "ProviderSpecialty")
	set(d, map[string]attribute{"VisitDetailTypeCS": col(conceptSet, "visit_detail_type_concept_id"), "VisitDetailLength": d.length(),
		"PlaceOfServiceCS": placeOfService(conceptSet), "PlaceOfServiceLocation": careSitesRegion(d)})
	add(d)

	d = age(occurrence("Observation", "observation", "observation", "observation_date", "DATE_ADD(t.observation_date, INTERVAL 1 DAY)").withCommon(true))
	d.sourceField = "ObservationSourceConcept"
	concepts(d.attributes, "ObservationType", "observation_type_concept_id", true)
	concepts(d.attributes, "ValueAsConcept", "value_as_concept_id", false)
	concepts(d.attributes, "Qualifier", "qualifier_concept_id", false)
	concepts(d.attributes, "Unit", "unit_concept_id", false)
	set(d, map[string]attribute{"ValueAsNumber": col(decimalRange, "value_as_number"), "ValueAsString": col(textFilter, "value_as_string")})
	d.counts = map[string]string{"VALUE_AS_NUMBER": "value_as_number", "UNIT": "unit_concept_id"}
	add(d)

	d = age(occurrence("Measurement", "measurement", "measurement", "measurement_date", "DATE_ADD(t.measurement_date, INTERVAL 1 DAY)").withCommon(true))
	d.sourceField = "MeasurementSourceConcept"
	concepts(d.attributes, "MeasurementType", "measurement_type_concept_id", true)
	concepts(d.attributes, "Operator", "operator_concept_id", false)
	concepts(d.attributes, "ValueAsConcept", "value_as_concept_id", false)
	concepts(d.attributes, "Unit", "unit_concept_id", false)
	ratio := func(column string) attribute {
		return attribute{kind: decimalRange, expr: "t.value_as_number / NULLIF(t." + column + ", 0)", columns: []string{"value_as_number", column}}
	}
	set(d, map[string]attribute{"ValueAsNumber": col(decimalRange, "value_as_number"),
		"RangeLow": col(decimalRange, "range_low"), "RangeHigh": col(decimalRange, "range_high"),
		"RangeLowRatio": ratio("range_low"), "RangeHighRatio": ratio("range_high"),
		"Abnormal": {kind: abnormal, columns: []string{"value_as_number", "range_low", "range_high", "value_as_concept_id"},
			// 4155142 and 4155143 are abnormally low and abnormally high.
			expr: "(t.value_as_number < t.range_low OR t.value_as_number > t.range_high OR t.value_as_concept_id IN (4155142, 4155143))"}})
	d.counts = map[string]string{"VALUE_AS_NUMBER": "value_as_number", "RANGE_LOW": "range_low", "RANGE_HIGH": "range_high", "UNIT": "unit_concept_id"}
	add(d)

	d = age(occurrence("DeviceExposure", "device_exposure", "device", "device_exposure_start_date",
		"COALESCE(t.device_exposure_end_date, DATE_ADD(t.device_exposure_start_date, INTERVAL 1 DAY))", "device_exposure_end_date").withCommon(true))
	d.sourceField = "DeviceSourceConcept"
	concepts(d.attributes, "DeviceType", "device_type_concept_id", true)
	set(d, map[string]attribute{"UniqueDeviceId": col(textFilter, "unique_device_id"), "Quantity": col(intRange, "quantity")})
	d.counts = map[string]string{"QUANTITY": "quantity"}
	add(d)

	d = age(occurrence("Specimen", "specimen", "specimen", "specimen_date", "DATE_ADD(t.specimen_date, INTERVAL 1 DAY)").withCommon(false))
	d.visit, d.source = "", ""
	concepts(d.attributes, "SpecimenType", "specimen_type_concept_id", true)
	concepts(d.attributes, "Unit", "unit_concept_id", false)
	concepts(d.attributes, "AnatomicSite", "anatomic_site_concept_id", false)
	concepts(d.attributes, "DiseaseStatus", "disease_status_concept_id", false)
	set(d, map[string]attribute{"Quantity": col(decimalRange, "quantity"), "SourceId": col(textFilter, "specimen_source_id"),
		// CDM v5.4 has no such column.
		"SpecimenSourceConcept": old(col(setNumber, "specimen_source_concept_id"))})
	d.counts = map[string]string{"QUANTITY": "quantity", "UNIT": "unit_concept_id"}
	add(d)

	d = age(occurrence("Death", "death", "cause", "death_date", "DATE_ADD(t.death_date, INTERVAL 1 DAY)").withCommon(false))
	d.id, d.visit, d.sourceField, d.single = "person_id", "", "DeathSourceConcept", true
	concepts(d.attributes, "DeathType", "death_type_concept_id", true)
	add(d)

	d = era("ConditionEra", "condition_era", "condition_concept_id", "Era")
	set(d, map[string]attribute{"OccurrenceCount": col(intRange, "condition_occurrence_count")})
	d.counts = map[string]string{"ERA_OCCURRENCES": "condition_occurrence_count"}
	add(d)

	d = era("DrugEra", "drug_era", "drug_concept_id", "Era")
	set(d, map[string]attribute{"OccurrenceCount": col(intRange, "drug_exposure_count"), "GapDays": col(intRange, "gap_days")})
	d.counts = map[string]string{"ERA_OCCURRENCES": "drug_exposure_count", "GAP_DAYS": "gap_days"}
	add(d)

	d = era("DoseEra", "dose_era", "drug_concept_id", "Era")
	concepts(d.attributes, "Unit", "unit_concept_id", false)
	set(d, map[string]attribute{"DoseValue": col(decimalRange, "dose_value")})
	d.counts = map[string]string{"VALUE_AS_NUMBER": "dose_value", "UNIT": "unit_concept_id"}
	add(d)

	d = era("ObservationPeriod", "observation_period", "", "Period")
	delete(d.attributes, "Gender")
	delete(d.attributes, "GenderCS")
	concepts(d.attributes, "PeriodType", "period_type_concept_id", false)
	d.period = true
	add(d)

	d = era("PayerPlanPeriod", "payer_plan_period", "", "Period")
	d.period = true
	for name, column := range map[string]string{"PayerConcept": "payer", "PayerSourceConcept": "payer_source", "PlanConcept": "plan",
		"PlanSourceConcept": "plan_source", "SponsorConcept": "sponsor", "SponsorSourceConcept": "sponsor_source",
		"StopReasonConcept": "stop_reason", "StopReasonSourceConcept": "stop_reason_source"} {
		d.attributes[name] = col(setNumber, column+"_concept_id")
	}
	add(d)

	// Where a person lives; the table is the history joined with the places.
	d = &domain{name: "LocationRegion", table: "location_history", id: "location_history_id", concept: "region_concept_id",
		start: "start_date", end: "COALESCE(t.end_date, " + openEnd + ")", endColumns: []string{"end_date"},
		attributes: map[string]attribute{}, counts: map[string]string{}, legacy: true, single: true}
	add(d)

	// Columns of t that an age over an end date reads.
	for _, d := range m {
		for name, a := range d.attributes {
			switch name {
			case "Age", "AgeAtStart":
				a.columns = []string{d.start}
			case "AgeAtEnd":
				a.columns = d.endColumns
			}
			d.attributes[name] = a
		}
		d.names = sortedNames(d.attributes)
	}
	return m
}()

// personAttributes are those of a demographic criterion.
var personAttributes = map[string]attribute{
	"Age":                 {kind: intRange, expr: "EXTRACT(YEAR FROM t.start_date) - p.year_of_birth", join: joinPerson},
	"Gender":              {kind: conceptList, expr: "p.gender_concept_id", join: joinPerson},
	"GenderCS":            {kind: conceptSet, expr: "p.gender_concept_id", join: joinPerson},
	"Race":                {kind: conceptList, expr: "p.race_concept_id", join: joinPerson},
	"RaceCS":              {kind: conceptSet, expr: "p.race_concept_id", join: joinPerson},
	"Ethnicity":           {kind: conceptList, expr: "p.ethnicity_concept_id", join: joinPerson},
	"EthnicityCS":         {kind: conceptSet, expr: "p.ethnicity_concept_id", join: joinPerson},
	"OccurrenceStartDate": {kind: dateRange, expr: "t.start_date"},
	"OccurrenceEndDate":   {kind: dateRange, expr: "t.end_date"},
}

var personNames = sortedNames(personAttributes)
