package omop

var vocabularyTables = []Table{
	define("concept", "concept_id", `
		concept_id        INT64   required
		concept_name      STRING  required
		domain_id         STRING  required
		vocabulary_id     STRING  required
		concept_class_id  STRING  required
		standard_concept  STRING
		concept_code      STRING  required
		valid_start_date  DATE    required
		valid_end_date    DATE    required
		invalid_reason    STRING
	`),
	define("vocabulary", "vocabulary_id", `
		vocabulary_id          STRING  required
		vocabulary_name        STRING  required
		vocabulary_reference   STRING
		vocabulary_version     STRING
		vocabulary_concept_id  INT64   required
	`),
	define("domain", "domain_id", `
		domain_id          STRING  required
		domain_name        STRING  required
		domain_concept_id  INT64   required
	`),
	define("concept_class", "concept_class_id", `
		concept_class_id          STRING  required
		concept_class_name        STRING  required
		concept_class_concept_id  INT64   required
	`),
	define("relationship", "relationship_id", `
		relationship_id          STRING  required
		relationship_name        STRING  required
		is_hierarchical          STRING  required
		defines_ancestry         STRING  required
		reverse_relationship_id  STRING  required
		relationship_concept_id  INT64   required
	`),
	define("concept_relationship", "", `
		concept_id_1      INT64   required
		concept_id_2      INT64   required
		relationship_id   STRING  required
		valid_start_date  DATE    required
		valid_end_date    DATE    required
		invalid_reason    STRING
	`),
	define("concept_ancestor", "", `
		ancestor_concept_id       INT64  required
		descendant_concept_id     INT64  required
		min_levels_of_separation  INT64  required
		max_levels_of_separation  INT64  required
	`),
	define("concept_synonym", "", `
		concept_id            INT64   required
		concept_synonym_name  STRING  required
		language_concept_id   INT64   required
	`),
	define("source_to_concept_map", "", `
		source_code              STRING  required
		source_concept_id        INT64   required
		source_vocabulary_id     STRING  required
		source_code_description  STRING
		target_concept_id        INT64   required
		target_vocabulary_id     STRING  required
		valid_start_date         DATE    required
		valid_end_date           DATE    required
		invalid_reason           STRING
	`),
	define("drug_strength", "", `
		drug_concept_id              INT64    required
		ingredient_concept_id        INT64    required
		amount_value                 FLOAT64
		amount_unit_concept_id       INT64
		numerator_value              FLOAT64
		numerator_unit_concept_id    INT64
		denominator_value            FLOAT64
		denominator_unit_concept_id  INT64
		box_size                     INT64
		valid_start_date             DATE     required
		valid_end_date               DATE     required
		invalid_reason               STRING
	`),
}

// VocabularyVersion returns the query whose single row and column is the version
// of the OMOP vocabularies: the row of the vocabulary 'None'.
func VocabularyVersion(from Dataset) string {
	return "SELECT vocabulary_version FROM " + from.Table("vocabulary") +
		" WHERE vocabulary_id = 'None' AND vocabulary_version IS NOT NULL LIMIT 1"
}
