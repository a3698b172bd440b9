package omop

var healthSystemTables = []Table{
	define("location", "location_id", `
		location_id            INT64    required
		address_1              STRING
		address_2              STRING
		city                   STRING
		state                  STRING
		zip                    STRING
		county                 STRING
		location_source_value  STRING
		country_concept_id     INT64
		country_source_value   STRING
		latitude               FLOAT64
		longitude              FLOAT64
	`),
	define("care_site", "care_site_id", `
		care_site_id                   INT64   required
		care_site_name                 STRING
		place_of_service_concept_id    INT64
		location_id                    INT64
		care_site_source_value         STRING
		place_of_service_source_value  STRING
	`),
	define("provider", "provider_id", `
		provider_id                  INT64   required
		provider_name                STRING
		npi                          STRING
		dea                          STRING
		specialty_concept_id         INT64
		care_site_id                 INT64
		year_of_birth                INT64
		gender_concept_id            INT64
		provider_source_value        STRING
		specialty_source_value       STRING
		specialty_source_concept_id  INT64
		gender_source_value          STRING
		gender_source_concept_id     INT64
	`),
	define("payer_plan_period", "payer_plan_period_id", `
		payer_plan_period_id           INT64   required
		person_id                      INT64   required
		payer_plan_period_start_date   DATE    required
		payer_plan_period_end_date     DATE    required
		payer_concept_id               INT64
		payer_source_value             STRING
		payer_source_concept_id        INT64
		plan_concept_id                INT64
		plan_source_value              STRING
		plan_source_concept_id         INT64
		sponsor_concept_id             INT64
		sponsor_source_value           STRING
		sponsor_source_concept_id      INT64
		family_source_value            STRING
		stop_reason_concept_id         INT64
		stop_reason_source_value       STRING
		stop_reason_source_concept_id  INT64
	`),
	define("cost", "cost_id", `
		cost_id                    INT64    required
		cost_event_id              INT64    required
		cost_domain_id             STRING   required
		cost_type_concept_id       INT64    required
		currency_concept_id        INT64
		total_charge               FLOAT64
		total_cost                 FLOAT64
		total_paid                 FLOAT64
		paid_by_payer              FLOAT64
		paid_by_patient            FLOAT64
		paid_patient_copay         FLOAT64
		paid_patient_coinsurance   FLOAT64
		paid_patient_deductible    FLOAT64
		paid_by_primary            FLOAT64
		paid_ingredient_cost       FLOAT64
		paid_dispensing_fee        FLOAT64
		payer_plan_period_id       INT64
		amount_allowed             FLOAT64
		revenue_code_concept_id    INT64
		revenue_code_source_value  STRING
		drg_concept_id             INT64
		drg_source_value           STRING
	`),
}

var derivedTables = []Table{
	define("drug_era", "drug_era_id", `
		drug_era_id          INT64  required
		person_id            INT64  required
		drug_concept_id      INT64  required
		drug_era_start_date  DATE   required
		drug_era_end_date    DATE   required
		drug_exposure_count  INT64
		gap_days             INT64
	`),
	define("dose_era", "dose_era_id", `
		dose_era_id          INT64    required
		person_id            INT64    required
		drug_concept_id      INT64    required
		unit_concept_id      INT64    required
		dose_value           FLOAT64  required
		dose_era_start_date  DATE     required
		dose_era_end_date    DATE     required
	`),
	define("condition_era", "condition_era_id", `
		condition_era_id            INT64  required
		person_id                   INT64  required
		condition_concept_id        INT64  required
		condition_era_start_date    DATE   required
		condition_era_end_date      DATE   required
		condition_occurrence_count  INT64
	`),
	define("episode", "episode_id", `
		episode_id                 INT64     required
		person_id                  INT64     required
		episode_concept_id         INT64     required
		episode_start_date         DATE      required
		episode_start_datetime     DATETIME
		episode_end_date           DATE
		episode_end_datetime       DATETIME
		episode_parent_id          INT64
		episode_number             INT64
		episode_object_concept_id  INT64     required
		episode_type_concept_id    INT64     required
		episode_source_value       STRING
		episode_source_concept_id  INT64
	`),
	define("episode_event", "", `
		episode_id                      INT64  required
		event_id                        INT64  required
		episode_event_field_concept_id  INT64  required
	`),
}

var metadataTables = []Table{
	define("cdm_source", "", `
		cdm_source_name                 STRING  required
		cdm_source_abbreviation         STRING  required
		cdm_holder                      STRING  required
		source_description              STRING
		source_documentation_reference  STRING
		cdm_etl_reference               STRING
		source_release_date             DATE    required
		cdm_release_date                DATE    required
		cdm_version                     STRING
		cdm_version_concept_id          INT64   required
		vocabulary_version              STRING  required
	`),
	// v5.3 has no metadata_id, so it is not held to be a key here.
	define("metadata", "", `
		metadata_id               INT64     required
		metadata_concept_id       INT64     required
		metadata_type_concept_id  INT64     required
		name                      STRING    required
		value_as_string           STRING
		value_as_concept_id       INT64
		value_as_number           FLOAT64
		metadata_date             DATE
		metadata_datetime         DATETIME
	`),
}
