package omop

var clinicalTables = []Table{
	define("person", "person_id", `
		person_id                    INT64    required
		gender_concept_id            INT64    required
		year_of_birth                INT64    required
		month_of_birth               INT64
		day_of_birth                 INT64
		birth_datetime               DATETIME
		race_concept_id              INT64    required
		ethnicity_concept_id         INT64    required
		location_id                  INT64
		provider_id                  INT64
		care_site_id                 INT64
		person_source_value          STRING
		gender_source_value          STRING
		gender_source_concept_id     INT64
		race_source_value            STRING
		race_source_concept_id       INT64
		ethnicity_source_value       STRING
		ethnicity_source_concept_id  INT64
	`),
	define("observation_period", "observation_period_id", `
		observation_period_id          INT64  required
		person_id                      INT64  required
		observation_period_start_date  DATE   required
		observation_period_end_date    DATE   required
		period_type_concept_id         INT64  required
	`),
	define("visit_occurrence", "visit_occurrence_id", `
		visit_occurrence_id            INT64     required
		person_id                      INT64     required
		visit_concept_id               INT64     required
		visit_start_date               DATE      required
		visit_start_datetime           DATETIME
		visit_end_date                 DATE      required
		visit_end_datetime             DATETIME
		visit_type_concept_id          INT64     required
		provider_id                    INT64
		care_site_id                   INT64
		visit_source_value             STRING
		visit_source_concept_id        INT64
		admitted_from_concept_id       INT64
		admitted_from_source_value     STRING
		discharged_to_concept_id       INT64
		discharged_to_source_value     STRING
		preceding_visit_occurrence_id  INT64
	`),
	define("visit_detail", "visit_detail_id", `
		visit_detail_id                INT64     required
		person_id                      INT64     required
		visit_detail_concept_id        INT64     required
		visit_detail_start_date        DATE      required
		visit_detail_start_datetime    DATETIME
		visit_detail_end_date          DATE      required
		visit_detail_end_datetime      DATETIME
		visit_detail_type_concept_id   INT64     required
		provider_id                    INT64
		care_site_id                   INT64
		visit_detail_source_value      STRING
		visit_detail_source_concept_id INT64
		admitted_from_concept_id       INT64
		admitted_from_source_value     STRING
		discharged_to_source_value     STRING
		discharged_to_concept_id       INT64
		preceding_visit_detail_id      INT64
		parent_visit_detail_id         INT64
		visit_occurrence_id            INT64     required
	`),
	define("condition_occurrence", "condition_occurrence_id", `
		condition_occurrence_id        INT64     required
		person_id                      INT64     required
		condition_concept_id           INT64     required
		condition_start_date           DATE      required
		condition_start_datetime       DATETIME
		condition_end_date             DATE
		condition_end_datetime         DATETIME
		condition_type_concept_id      INT64     required
		condition_status_concept_id    INT64
		stop_reason                    STRING
		provider_id                    INT64
		visit_occurrence_id            INT64
		visit_detail_id                INT64
		condition_source_value         STRING
		condition_source_concept_id    INT64
		condition_status_source_value  STRING
	`),
	define("drug_exposure", "drug_exposure_id", `
		drug_exposure_id              INT64     required
		person_id                     INT64     required
		drug_concept_id               INT64     required
		drug_exposure_start_date      DATE      required
		drug_exposure_start_datetime  DATETIME
		drug_exposure_end_date        DATE      required
		drug_exposure_end_datetime    DATETIME
		verbatim_end_date             DATE
		drug_type_concept_id          INT64     required
		stop_reason                   STRING
		refills                       INT64
		quantity                      FLOAT64
		days_supply                   INT64
		sig                           STRING
		route_concept_id              INT64
		lot_number                    STRING
		provider_id                   INT64
		visit_occurrence_id           INT64
		visit_detail_id               INT64
		drug_source_value             STRING
		drug_source_concept_id        INT64
		route_source_value            STRING
		dose_unit_source_value        STRING
	`),
	define("procedure_occurrence", "procedure_occurrence_id", `
		procedure_occurrence_id      INT64     required
		person_id                    INT64     required
		procedure_concept_id         INT64     required
		procedure_date               DATE      required
		procedure_datetime           DATETIME
		procedure_end_date           DATE
		procedure_end_datetime       DATETIME
		procedure_type_concept_id    INT64     required
		modifier_concept_id          INT64
		quantity                     INT64
		provider_id                  INT64
		visit_occurrence_id          INT64
		visit_detail_id              INT64
		procedure_source_value       STRING
		procedure_source_concept_id  INT64
		modifier_source_value        STRING
	`),
	define("device_exposure", "device_exposure_id", `
		device_exposure_id              INT64     required
		person_id                       INT64     required
		device_concept_id               INT64     required
		device_exposure_start_date      DATE      required
		device_exposure_start_datetime  DATETIME
		device_exposure_end_date        DATE
		device_exposure_end_datetime    DATETIME
		device_type_concept_id          INT64     required
		unique_device_id                STRING
		production_id                   STRING
		quantity                        INT64
		provider_id                     INT64
		visit_occurrence_id             INT64
		visit_detail_id                 INT64
		device_source_value             STRING
		device_source_concept_id        INT64
		unit_concept_id                 INT64
		unit_source_value               STRING
		unit_source_concept_id          INT64
	`),
	define("measurement", "measurement_id", `
		measurement_id                 INT64     required
		person_id                      INT64     required
		measurement_concept_id         INT64     required
		measurement_date               DATE      required
		measurement_datetime           DATETIME
		measurement_time               STRING
		measurement_type_concept_id    INT64     required
		operator_concept_id            INT64
		value_as_number                FLOAT64
		value_as_concept_id            INT64
		unit_concept_id                INT64
		range_low                      FLOAT64
		range_high                     FLOAT64
		provider_id                    INT64
		visit_occurrence_id            INT64
		visit_detail_id                INT64
		measurement_source_value       STRING
		measurement_source_concept_id  INT64
		unit_source_value              STRING
		unit_source_concept_id         INT64
		value_source_value             STRING
		measurement_event_id           INT64
		meas_event_field_concept_id    INT64
	`),
	define("observation", "observation_id", `
		observation_id                 INT64     required
		person_id                      INT64     required
		observation_concept_id         INT64     required
		observation_date               DATE      required
		observation_datetime           DATETIME
		observation_type_concept_id    INT64     required
		value_as_number                FLOAT64
		value_as_string                STRING
		value_as_concept_id            INT64
		qualifier_concept_id           INT64
		unit_concept_id                INT64
		provider_id                    INT64
		visit_occurrence_id            INT64
		visit_detail_id                INT64
		observation_source_value       STRING
		observation_source_concept_id  INT64
		unit_source_value              STRING
		qualifier_source_value         STRING
		value_source_value             STRING
		observation_event_id           INT64
		obs_event_field_concept_id     INT64
	`),
	define("death", "person_id", `
		person_id                INT64     required
		death_date               DATE      required
		death_datetime           DATETIME
		death_type_concept_id    INT64
		cause_concept_id         INT64
		cause_source_value       STRING
		cause_source_concept_id  INT64
	`),
	define("note", "note_id", `
		note_id                      INT64     required
		person_id                    INT64     required
		note_date                    DATE      required
		note_datetime                DATETIME
		note_type_concept_id         INT64     required
		note_class_concept_id        INT64     required
		note_title                   STRING
		note_text                    STRING    required
		encoding_concept_id          INT64     required
		language_concept_id          INT64     required
		provider_id                  INT64
		visit_occurrence_id          INT64
		visit_detail_id              INT64
		note_source_value            STRING
		note_event_id                INT64
		note_event_field_concept_id  INT64
	`),
	define("note_nlp", "note_nlp_id", `
		note_nlp_id                 INT64     required
		note_id                     INT64     required
		section_concept_id          INT64
		snippet                     STRING
		offset                      STRING
		lexical_variant             STRING    required
		note_nlp_concept_id         INT64
		note_nlp_source_concept_id  INT64
		nlp_system                  STRING
		nlp_date                    DATE      required
		nlp_datetime                DATETIME
		term_exists                 STRING
		term_temporal               STRING
		term_modifiers              STRING
	`),
	define("specimen", "specimen_id", `
		specimen_id                  INT64     required
		person_id                    INT64     required
		specimen_concept_id          INT64     required
		specimen_type_concept_id     INT64     required
		specimen_date                DATE      required
		specimen_datetime            DATETIME
		quantity                     FLOAT64
		unit_concept_id              INT64
		anatomic_site_concept_id     INT64
		disease_status_concept_id    INT64
		specimen_source_id           STRING
		specimen_source_value        STRING
		unit_source_value            STRING
		anatomic_site_source_value   STRING
		disease_status_source_value  STRING
	`),
	define("fact_relationship", "", `
		domain_concept_id_1      INT64  required
		fact_id_1                INT64  required
		domain_concept_id_2      INT64  required
		fact_id_2                INT64  required
		relationship_concept_id  INT64  required
	`),
}
