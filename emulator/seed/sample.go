package seed

// concept is one row of the sample vocabulary. Ids, codes and names are those of
// the OMOP vocabularies; "" as standard means a source code.
type concept struct {
	id                                              int64
	name, domain, vocabulary, class, standard, code string
}

func finding(id int64, name, code string) concept {
	return concept{id, name, "Condition", "SNOMED", "Clinical Finding", "S", code}
}

func ingredient(id int64, name, code string) concept {
	return concept{id, name, "Drug", "RxNorm", "Ingredient", "S", code}
}

func drug(id int64, name, class, code string) concept {
	return concept{id, name, "Drug", "RxNorm", class, "S", code}
}

func procedureConcept(id int64, name, code string) concept {
	return concept{id, name, "Procedure", "SNOMED", "Procedure", "S", code}
}

func lab(id int64, name, class, code string) concept {
	return concept{id, name, "Measurement", "LOINC", class, "S", code}
}

func unit(id int64, name, code string) concept {
	return concept{id, name, "Unit", "UCUM", "Unit", "S", code}
}

func typeConcept(id int64, name, code string) concept {
	return concept{id, name, "Type Concept", "Type Concept", "Type Concept", "S", code}
}

// sample is every concept that the data or the vocabulary names, but for the
// domains' and vocabularies' own, which vocabulary.go adds.
var sample = []concept{
	{0, "No matching concept", "Metadata", "None", "Undefined", "", "No matching concept"},

	finding(441840, "Clinical finding", "404684003"),
	finding(4274025, "Disease", "64572001"),
	finding(134057, "Disorder of cardiovascular system", "49601007"),
	finding(321588, "Heart disease", "56265001"),
	finding(4185932, "Ischemic heart disease", "414545008"),
	finding(4329847, "Myocardial infarction", "22298006"),
	finding(312327, "Acute myocardial infarction", "57054005"),
	finding(314666, "Old myocardial infarction", "1755008"),
	finding(317576, "Coronary arteriosclerosis", "53741008"),
	finding(44784217, "Cardiac arrhythmia", "698247007"),
	finding(313217, "Atrial fibrillation", "49436004"),
	finding(4154290, "Paroxysmal atrial fibrillation", "282825002"),
	finding(316139, "Heart failure", "84114007"),
	finding(319835, "Congestive heart failure", "42343007"),
	finding(316866, "Hypertensive disorder", "38341003"),
	finding(320128, "Essential hypertension", "59621000"),
	finding(381316, "Cerebrovascular accident", "230690007"),
	finding(443454, "Cerebral infarction", "432504007"),
	finding(320136, "Disorder of respiratory system", "50043002"),
	finding(317009, "Asthma", "195967001"),
	finding(4051466, "Childhood asthma", "233678006"),
	finding(255573, "Chronic obstructive lung disease", "13645005"),
	finding(255848, "Pneumonia", "233604007"),
	finding(4181583, "Upper respiratory infection", "54150009"),
	finding(257011, "Acute upper respiratory infection", "54398005"),
	finding(4112343, "Acute viral pharyngitis", "195662009"),
	finding(40481087, "Viral sinusitis", "444814009"),
	finding(256451, "Bronchitis", "32398004"),
	finding(260139, "Acute bronchitis", "10509002"),
	finding(201820, "Diabetes mellitus", "73211009"),
	finding(201826, "Type 2 diabetes mellitus", "44054006"),
	finding(443732, "Disorder due to type 2 diabetes mellitus", "422014003"),
	finding(376065, "Disorder of nervous system due to type 2 diabetes mellitus", "421326000"),
	finding(443729, "Peripheral circulatory disorder due to type 2 diabetes mellitus", "422166005"),
	finding(443731, "Renal disorder due to type 2 diabetes mellitus", "420279001"),
	finding(443733, "Disorder of eye due to type 2 diabetes mellitus", "422099009"),
	finding(198124, "Kidney disease", "90708001"),
	finding(46271022, "Chronic kidney disease", "709044004"),
	finding(443601, "Chronic kidney disease stage 2", "431856006"),
	finding(443597, "Chronic kidney disease stage 3", "433144002"),
	finding(443612, "Chronic kidney disease stage 4", "431857002"),
	finding(443611, "Chronic kidney disease stage 5", "433146000"),
	finding(432586, "Mental disorder", "74732009"),
	finding(440383, "Depressive disorder", "35489007"),
	finding(4152280, "Major depressive disorder", "370143000"),
	finding(442077, "Anxiety disorder", "197480006"),
	finding(4182210, "Dementia", "52448006"),
	finding(378419, "Alzheimer's disease", "26929004"),
	finding(73553, "Arthropathy", "399269003"),
	finding(80180, "Osteoarthritis", "396275006"),
	finding(4079750, "Osteoarthritis of knee", "239873007"),
	finding(437312, "Bleeding", "131148009"),
	finding(192671, "Gastrointestinal hemorrhage", "74474003"),
	finding(318800, "Gastroesophageal reflux disease", "235595009"),
	finding(140673, "Hypothyroidism", "40930008"),
	finding(433736, "Obesity", "414916001"),
	finding(432867, "Hyperlipidemia", "55822004"),

	{35206882, "Type 2 diabetes mellitus without complications", "Condition", "ICD10CM", "4-char billing code", "", "E11.9"},
	{35207668, "Essential (primary) hypertension", "Condition", "ICD10CM", "3-char billing code", "", "I10"},
	{35208414, "Gastrointestinal hemorrhage, unspecified", "Condition", "ICD10CM", "4-char billing code", "", "K92.2"},

	ingredient(1503297, "metformin", "6809"),
	ingredient(1560171, "glipizide", "4821"),
	ingredient(1502905, "insulin glargine", "274783"),
	ingredient(1308216, "lisinopril", "29046"),
	ingredient(1332418, "amlodipine", "17767"),
	ingredient(974166, "hydrochlorothiazide", "5487"),
	ingredient(1367500, "losartan", "52175"),
	ingredient(1307046, "metoprolol", "6918"),
	ingredient(1545958, "atorvastatin", "83367"),
	ingredient(1539403, "simvastatin", "36567"),
	ingredient(1310149, "warfarin", "11289"),
	ingredient(43013024, "apixaban", "1364430"),
	ingredient(1326303, "digoxin", "3407"),
	ingredient(1112807, "aspirin", "1191"),
	ingredient(1322184, "clopidogrel", "32968"),
	ingredient(956874, "furosemide", "4603"),
	ingredient(1118084, "celecoxib", "140587"),
	ingredient(1124300, "diclofenac", "3355"),
	ingredient(1115008, "naproxen", "7258"),
	ingredient(1177480, "ibuprofen", "5640"),
	ingredient(1125315, "acetaminophen", "161"),
	ingredient(1154343, "albuterol", "435"),
	ingredient(1149380, "fluticasone", "41126"),
	ingredient(1137529, "salmeterol", "36117"),
	ingredient(1551099, "prednisone", "8640"),
	ingredient(739138, "sertraline", "36437"),
	ingredient(715939, "escitalopram", "321988"),
	ingredient(755695, "fluoxetine", "4493"),
	ingredient(923645, "omeprazole", "7646"),
	ingredient(1501700, "levothyroxine", "10582"),
	ingredient(715997, "donepezil", "135447"),
	ingredient(1713332, "amoxicillin", "723"),

	drug(40164929, "metformin hydrochloride 500 MG Oral Tablet", "Clinical Drug", "861007"),
	drug(1332419, "amlodipine 5 MG Oral Tablet", "Clinical Drug", "197361"),
	drug(1545959, "atorvastatin 80 MG Oral Tablet", "Clinical Drug", "259255"),
	drug(1539411, "simvastatin 20 MG Oral Tablet", "Clinical Drug", "312961"),
	drug(40163554, "warfarin sodium 5 MG Oral Tablet", "Clinical Drug", "855332"),
	drug(19018935, "digoxin 0.125 MG Oral Tablet", "Clinical Drug", "197604"),
	drug(19059056, "aspirin 81 MG Oral Tablet", "Clinical Drug", "243670"),
	drug(19075601, "clopidogrel 75 MG Oral Tablet", "Clinical Drug", "309362"),
	drug(1118088, "celecoxib 200 MG Oral Capsule [Celebrex]", "Branded Drug", "213469"),
	drug(40162359, "diclofenac sodium 75 MG Delayed Release Oral Tablet", "Clinical Drug", "855926"),
	drug(19019273, "naproxen 500 MG Oral Tablet", "Clinical Drug", "198014"),
	drug(19078461, "ibuprofen 200 MG Oral Tablet", "Clinical Drug", "310965"),
	drug(1127433, "acetaminophen 325 MG Oral Tablet", "Clinical Drug", "313782"),
	drug(1154615, "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "Quant Clinical Drug", "745679"),
	drug(40169216, "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler", "Quant Clinical Drug", "895994"),
	drug(40169281, "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler", "Quant Clinical Drug", "896209"),
	drug(1551192, "prednisone 5 MG Oral Tablet", "Clinical Drug", "312617"),
	drug(40174880, "levothyroxine sodium 0.075 MG Oral Tablet", "Clinical Drug", "966222"),
	drug(40223768, "donepezil hydrochloride 10 MG Oral Tablet", "Clinical Drug", "997223"),
	drug(19073183, "amoxicillin 250 MG Oral Capsule", "Clinical Drug", "308182"),

	lab(3004410, "Hemoglobin A1c/Hemoglobin.total in Blood", "Lab Test", "4548-4"),
	lab(3004501, "Glucose [Mass/volume] in Serum or Plasma", "Lab Test", "2345-7"),
	lab(3016723, "Creatinine [Mass/volume] in Serum or Plasma", "Lab Test", "2160-0"),
	lab(3027114, "Cholesterol [Mass/volume] in Serum or Plasma", "Lab Test", "2093-3"),
	lab(3038553, "Body mass index (BMI) [Ratio]", "Clinical Observation", "39156-5"),
	lab(3025315, "Body weight", "Clinical Observation", "29463-7"),
	lab(3004249, "Systolic blood pressure", "Clinical Observation", "8480-6"),
	lab(3012888, "Diastolic blood pressure", "Clinical Observation", "8462-4"),

	procedureConcept(4163951, "Electrocardiographic procedure", "29303009"),
	procedureConcept(4163872, "Plain chest X-ray", "399208008"),
	procedureConcept(4249893, "Colonoscopy", "73761001"),
	procedureConcept(4216130, "Percutaneous coronary intervention", "415070008"),
	procedureConcept(4336464, "Coronary artery bypass graft", "232717009"),
	procedureConcept(4252419, "Radiologic examination of knee", "74016001"),
	procedureConcept(4078793, "Direct current cardioversion", "180325003"),
	procedureConcept(4108705, "Intravenous blood transfusion of packed cells", "180207008"),
	procedureConcept(4043071, "Cognitive and behavioral therapy", "228557008"),

	{43054909, "Tobacco smoking status", "Observation", "LOINC", "Clinical Observation", "S", "72166-2"},
	{4298794, "Smoker", "Observation", "SNOMED", "Clinical Finding", "S", "77176002"},
	{4144272, "Never smoked tobacco", "Observation", "SNOMED", "Clinical Finding", "S", "266919005"},
	{4310250, "Ex-smoker", "Observation", "SNOMED", "Clinical Finding", "S", "8517006"},

	{9201, "Inpatient Visit", "Visit", "Visit", "Visit", "S", "IP"},
	{9202, "Outpatient Visit", "Visit", "Visit", "Visit", "S", "OP"},
	{9203, "Emergency Room Visit", "Visit", "Visit", "Visit", "S", "ER"},

	{8507, "MALE", "Gender", "Gender", "Gender", "S", "M"},
	{8532, "FEMALE", "Gender", "Gender", "Gender", "S", "F"},
	{8527, "White", "Race", "Race", "Race", "S", "5"},
	{8516, "Black or African American", "Race", "Race", "Race", "S", "3"},
	{8515, "Asian", "Race", "Race", "Race", "S", "2"},
	{8657, "American Indian or Alaska Native", "Race", "Race", "Race", "S", "1"},
	{8557, "Native Hawaiian or Other Pacific Islander", "Race", "Race", "Race", "S", "4"},
	{38003563, "Hispanic or Latino", "Ethnicity", "Ethnicity", "Ethnicity", "S", "Hispanic"},
	{38003564, "Not Hispanic or Latino", "Ethnicity", "Ethnicity", "Ethnicity", "S", "Not Hispanic"},

	unit(8554, "percent", "%"),
	unit(8840, "milligram per deciliter", "mg/dL"),
	unit(9531, "kilogram per square meter", "kg/m2"),
	unit(9529, "kilogram", "kg"),
	unit(8876, "millimeter mercury column", "mm[Hg]"),

	typeConcept(typeEHR, "EHR", "OMOP4976890"),
	typeConcept(typeEncounter, "EHR encounter record", "OMOP4976900"),
	typeConcept(typeEpisode, "EHR episode record", "OMOP4976901"),
	typeConcept(typePrescription, "EHR prescription", "OMOP4976911"),
	typeConcept(typeLab, "Lab", "OMOP4976929"),

	{38004446, "General Practice", "Provider", "Medicare Specialty", "Physician Specialty", "S", "1"},
	{38004451, "Cardiology", "Provider", "Medicare Specialty", "Physician Specialty", "S", "6"},
	{38004453, "Family Practice", "Provider", "Medicare Specialty", "Physician Specialty", "S", "8"},
	{38004456, "Internal Medicine", "Provider", "Medicare Specialty", "Physician Specialty", "S", "11"},

	{language, "English language", "Language", "SNOMED", "Qualifier Value", "S", "297487008"},
}

// Type concepts say where a record comes from; language is that of synonyms.
const (
	typeEHR          = 32817
	typeEncounter    = 32827
	typeEpisode      = 32828
	typePrescription = 32838
	typeLab          = 32856
	language         = 4180186
)

// mappedTo are the source codes of the sample and the standard concepts they map to.
var mappedTo = map[int64]int64{35206882: 201826, 35207668: 320128, 35208414: 192671}
