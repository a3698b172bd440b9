package omop

import (
	"fmt"
	"slices"
	"strings"
)

// Ruling is what the registered tier does with one column of the controlled tier,
// or with a whole table.
type Ruling struct {
	Table string
	// Column is empty where the table has no rows in the registered tier.
	Column string
	// Keeps says that the column is there as it is; else it is NULL in every row.
	Keeps bool
	// Reason is why, in words that may be shown to researchers.
	Reason string
}

// Rulings returns what the registered tier does with every column of the CDM, in
// the order of the table below. The controlled tier keeps everything.
func Rulings() []Ruling { return slices.Clone(rulings) }

var rulings = rule(registered)

// registered is the one table of what the registered tier keeps and lacks: per CDM
// table, lines "keep COLUMNS | reason", "drop COLUMNS | reason" (NULL in every row)
// or "none * | reason" (no rows). The dates of events stay: the hub shifts none, so
// that windows between events keep their meaning. The date of birth is coarsened to
// its year, places to nothing. A column that is not decided here stops every test.
const registered = `
	concept
		keep concept_id concept_name domain_id vocabulary_id concept_class_id standard_concept concept_code valid_start_date valid_end_date invalid_reason | public: the OMOP vocabularies
	vocabulary
		keep vocabulary_id vocabulary_name vocabulary_reference vocabulary_version vocabulary_concept_id | public: the OMOP vocabularies
	domain
		keep domain_id domain_name domain_concept_id | public: the OMOP vocabularies
	concept_class
		keep concept_class_id concept_class_name concept_class_concept_id | public: the OMOP vocabularies
	relationship
		keep relationship_id relationship_name is_hierarchical defines_ancestry reverse_relationship_id relationship_concept_id | public: the OMOP vocabularies
	concept_relationship
		keep concept_id_1 concept_id_2 relationship_id valid_start_date valid_end_date invalid_reason | public: the OMOP vocabularies
	concept_ancestor
		keep ancestor_concept_id descendant_concept_id min_levels_of_separation max_levels_of_separation | public: the OMOP vocabularies
	concept_synonym
		keep concept_id concept_synonym_name language_concept_id | public: the OMOP vocabularies
	source_to_concept_map
		keep source_code source_concept_id source_vocabulary_id source_code_description target_concept_id target_vocabulary_id valid_start_date valid_end_date invalid_reason | public: the OMOP vocabularies
	drug_strength
		keep drug_concept_id ingredient_concept_id amount_value amount_unit_concept_id numerator_value numerator_unit_concept_id denominator_value denominator_unit_concept_id box_size valid_start_date valid_end_date invalid_reason | public: the OMOP vocabularies
	location
		none * | where people live and are treated
	care_site
		none * | where people are treated
	provider
		none * | who treats people
	payer_plan_period
		keep payer_plan_period_id | the number of the row
		keep person_id | whose row it is
		keep payer_plan_period_start_date payer_plan_period_end_date | dates of events stay as they are
		keep payer_concept_id plan_concept_id sponsor_concept_id stop_reason_concept_id | what happened, in standard concepts
		keep payer_source_value | the source's code or unit, of no person
		keep payer_source_concept_id plan_source_concept_id sponsor_source_concept_id stop_reason_source_concept_id | the source's code
		drop plan_source_value sponsor_source_value | it can name an employer
		drop family_source_value | an identifier of a family
		drop stop_reason_source_value | free text; the concept stays
	cost
		keep cost_id | the number of the row
		keep cost_event_id cost_domain_id cost_type_concept_id currency_concept_id total_charge total_cost total_paid paid_by_payer paid_by_patient paid_patient_copay paid_patient_coinsurance paid_patient_deductible paid_by_primary paid_ingredient_cost paid_dispensing_fee payer_plan_period_id amount_allowed revenue_code_concept_id drg_concept_id | what care cost, of no finer grain than the event
		keep revenue_code_source_value drg_source_value | the source's code or unit, of no person
	drug_era
		keep drug_era_id | the number of the row
		keep person_id | whose row it is
		keep drug_concept_id | what happened, in standard concepts
		keep drug_era_start_date drug_era_end_date | dates of events stay as they are
		keep drug_exposure_count gap_days | how much, how often, how long
	dose_era
		keep dose_era_id | the number of the row
		keep person_id | whose row it is
		keep drug_concept_id unit_concept_id | what happened, in standard concepts
		keep dose_value | how much, how often, how long
		keep dose_era_start_date dose_era_end_date | dates of events stay as they are
	condition_era
		keep condition_era_id | the number of the row
		keep person_id | whose row it is
		keep condition_concept_id | what happened, in standard concepts
		keep condition_era_start_date condition_era_end_date | dates of events stay as they are
		keep condition_occurrence_count | how much, how often, how long
	episode
		keep episode_id | the number of the row
		keep person_id | whose row it is
		keep episode_concept_id episode_object_concept_id episode_type_concept_id | what happened, in standard concepts
		keep episode_start_date episode_end_date | dates of events stay as they are
		drop episode_start_datetime episode_end_datetime | times of day; the dates stay
		keep episode_parent_id | the row it belongs to
		keep episode_number | how much, how often, how long
		keep episode_source_value | the source's code or unit, of no person
		keep episode_source_concept_id | the source's code
	episode_event
		keep episode_id event_id | the row it belongs to
		keep episode_event_field_concept_id | what happened, in standard concepts
	cdm_source
		keep cdm_source_name cdm_source_abbreviation cdm_holder source_description source_documentation_reference cdm_etl_reference source_release_date cdm_release_date cdm_version cdm_version_concept_id vocabulary_version | about the data as a whole, of no person
	metadata
		keep metadata_id metadata_concept_id metadata_type_concept_id name value_as_string value_as_concept_id value_as_number metadata_date | about the data as a whole, of no person
		drop metadata_datetime | times of day; the dates stay
	person
		keep person_id | the number by which a person's rows are found
		keep gender_concept_id race_concept_id ethnicity_concept_id | demographics, in standard concepts
		keep year_of_birth | all that is left of the date of birth
		drop month_of_birth day_of_birth birth_datetime | exact dates of birth single people out; the year stays
		drop location_id | where a person lives
		drop provider_id | who treated a person
		drop care_site_id | where a person was treated
		drop person_source_value | an identifier of the source system
		drop gender_source_value gender_source_concept_id race_source_value race_source_concept_id ethnicity_source_value ethnicity_source_concept_id | as the source has it, finer than the concept
	observation_period
		keep observation_period_id | the number of the row
		keep person_id | whose row it is
		keep observation_period_start_date observation_period_end_date | dates of events stay as they are
		keep period_type_concept_id | what happened, in standard concepts
	visit_occurrence
		keep visit_occurrence_id | the number of the row
		keep person_id | whose row it is
		keep visit_concept_id visit_type_concept_id admitted_from_concept_id discharged_to_concept_id | what happened, in standard concepts
		keep visit_start_date visit_end_date | dates of events stay as they are
		drop visit_start_datetime visit_end_datetime | times of day; the dates stay
		drop provider_id | who treated a person
		drop care_site_id | where a person was treated
		drop visit_source_value | an identifier of the source system
		keep visit_source_concept_id | the source's code
		drop admitted_from_source_value discharged_to_source_value | it can name the place; the concept stays
		keep preceding_visit_occurrence_id | the row it belongs to
	visit_detail
		keep visit_detail_id | the number of the row
		keep person_id | whose row it is
		keep visit_detail_concept_id visit_detail_type_concept_id admitted_from_concept_id discharged_to_concept_id | what happened, in standard concepts
		keep visit_detail_start_date visit_detail_end_date | dates of events stay as they are
		drop visit_detail_start_datetime visit_detail_end_datetime | times of day; the dates stay
		drop provider_id | who treated a person
		drop care_site_id | where a person was treated
		drop visit_detail_source_value | an identifier of the source system
		keep visit_detail_source_concept_id | the source's code
		drop admitted_from_source_value discharged_to_source_value | it can name the place; the concept stays
		keep preceding_visit_detail_id parent_visit_detail_id visit_occurrence_id | the row it belongs to
	condition_occurrence
		keep condition_occurrence_id | the number of the row
		keep person_id | whose row it is
		keep condition_concept_id condition_type_concept_id condition_status_concept_id | what happened, in standard concepts
		keep condition_start_date condition_end_date | dates of events stay as they are
		drop condition_start_datetime condition_end_datetime | times of day; the dates stay
		drop stop_reason | free text
		drop provider_id | who treated a person
		keep visit_occurrence_id visit_detail_id | the row it belongs to
		keep condition_source_value condition_status_source_value | the source's code or unit, of no person
		keep condition_source_concept_id | the source's code
	drug_exposure
		keep drug_exposure_id | the number of the row
		keep person_id | whose row it is
		keep drug_concept_id drug_type_concept_id route_concept_id | what happened, in standard concepts
		keep drug_exposure_start_date drug_exposure_end_date verbatim_end_date | dates of events stay as they are
		drop drug_exposure_start_datetime drug_exposure_end_datetime | times of day; the dates stay
		drop stop_reason sig lot_number | free text
		keep refills quantity days_supply | how much, how often, how long
		drop provider_id | who treated a person
		keep visit_occurrence_id visit_detail_id | the row it belongs to
		keep drug_source_value route_source_value dose_unit_source_value | the source's code or unit, of no person
		keep drug_source_concept_id | the source's code
	procedure_occurrence
		keep procedure_occurrence_id | the number of the row
		keep person_id | whose row it is
		keep procedure_concept_id procedure_type_concept_id modifier_concept_id | what happened, in standard concepts
		keep procedure_date procedure_end_date | dates of events stay as they are
		drop procedure_datetime procedure_end_datetime | times of day; the dates stay
		keep quantity | how much, how often, how long
		drop provider_id | who treated a person
		keep visit_occurrence_id visit_detail_id | the row it belongs to
		keep procedure_source_value modifier_source_value | the source's code or unit, of no person
		keep procedure_source_concept_id | the source's code
	device_exposure
		keep device_exposure_id | the number of the row
		keep person_id | whose row it is
		keep device_concept_id device_type_concept_id unit_concept_id | what happened, in standard concepts
		keep device_exposure_start_date device_exposure_end_date | dates of events stay as they are
		drop device_exposure_start_datetime device_exposure_end_datetime | times of day; the dates stay
		drop unique_device_id production_id | an identifier of one device
		keep quantity | how much, how often, how long
		drop provider_id | who treated a person
		keep visit_occurrence_id visit_detail_id | the row it belongs to
		keep device_source_value unit_source_value | the source's code or unit, of no person
		keep device_source_concept_id unit_source_concept_id | the source's code
	measurement
		keep measurement_id | the number of the row
		keep person_id | whose row it is
		keep measurement_concept_id measurement_type_concept_id operator_concept_id value_as_concept_id unit_concept_id meas_event_field_concept_id | what happened, in standard concepts
		keep measurement_date | dates of events stay as they are
		drop measurement_datetime measurement_time | times of day; the dates stay
		keep value_as_number range_low range_high | how much, how often, how long
		drop provider_id | who treated a person
		keep visit_occurrence_id visit_detail_id measurement_event_id | the row it belongs to
		keep measurement_source_value unit_source_value | the source's code or unit, of no person
		keep measurement_source_concept_id unit_source_concept_id | the source's code
		drop value_source_value | free text
	observation
		keep observation_id | the number of the row
		keep person_id | whose row it is
		keep observation_concept_id observation_type_concept_id value_as_concept_id qualifier_concept_id unit_concept_id obs_event_field_concept_id | what happened, in standard concepts
		keep observation_date | dates of events stay as they are
		drop observation_datetime | times of day; the dates stay
		keep value_as_number | how much, how often, how long
		drop value_as_string value_source_value | free text
		drop provider_id | who treated a person
		keep visit_occurrence_id visit_detail_id observation_event_id | the row it belongs to
		keep observation_source_value unit_source_value qualifier_source_value | the source's code or unit, of no person
		keep observation_source_concept_id | the source's code
	death
		keep person_id | whose row it is
		keep death_date | follow-up ends with it; the cause goes
		drop death_datetime | times of day; the dates stay
		keep death_type_concept_id | how the death is known, not its cause
		drop cause_concept_id cause_source_value cause_source_concept_id | causes of death single people out
	note
		none * | free text
	note_nlp
		none * | free text, taken from the notes
	specimen
		keep specimen_id | the number of the row
		keep person_id | whose row it is
		keep specimen_concept_id specimen_type_concept_id unit_concept_id anatomic_site_concept_id disease_status_concept_id | what happened, in standard concepts
		keep specimen_date | dates of events stay as they are
		drop specimen_datetime | times of day; the dates stay
		keep quantity | how much, how often, how long
		drop specimen_source_id specimen_source_value | an identifier of the source system
		keep unit_source_value anatomic_site_source_value disease_status_source_value | the source's code or unit, of no person
	fact_relationship
		none * | it can say who is whose relative
`

// rule reads the table. Like define it runs on constants at package initialisation,
// so a mistake stops every test; hence the panic.
func rule(text string) []Ruling {
	var all []Ruling
	table := Table{}
	for line := range strings.Lines(text) {
		head, reason, decides := strings.Cut(strings.TrimSpace(line), " | ")
		words := strings.Fields(head)
		switch {
		case len(words) == 0:
			continue
		case !decides:
			var ok bool
			if table, ok = TableNamed(head); !ok {
				panic(fmt.Sprintf("omop: the registered tier decides on table %q, which does not exist", head))
			}
			continue
		case words[0] == "none" && len(words) == 2 && words[1] == "*":
			all = append(all, Ruling{Table: table.Name, Reason: reason})
			continue
		case words[0] != "keep" && words[0] != "drop" || len(words) < 2:
			panic(fmt.Sprintf("omop: table %s: bad line %q", table.Name, line))
		}
		for _, c := range words[1:] {
			if _, ok := table.Column(c); !ok {
				panic(fmt.Sprintf("omop: the registered tier decides on %s.%s, which does not exist", table.Name, c))
			}
			all = append(all, Ruling{Table: table.Name, Column: c, Keeps: words[0] == "keep", Reason: reason})
		}
	}
	return all
}
