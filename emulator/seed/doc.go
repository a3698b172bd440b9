// Package seed makes up a population and writes it as an OMOP CDM v5.4 folder: one
// gzipped CSV file per table, lower-case headers. The same size and seed give the
// same bytes; memory stays flat at any size.
//
// Nobody in it is real. What is real are the concept ids: a small sample of the
// standard vocabularies with their hierarchy, so that definitions written for real
// data find something here. Diseases follow age, sex, weight, smoking and each
// other; drugs follow diseases, most of them within a month; measurements follow
// both; deaths follow age and disease. The rates are plausible, not epidemiology.
package seed
