package seed

// The diseases of the model, in the order in which they are drawn: a disease's
// risk may look only at those before it.
const (
	obesity = iota
	type2Diabetes
	hypertension
	hyperlipidemia
	kidneyDisease
	coronaryDisease
	infarction
	fibrillation
	heartFailure
	stroke
	asthma
	obstructiveLung
	depression
	anxiety
	osteoarthritis
	reflux
	giBleed
	hypothyroidism
	alzheimer
	pneumonia
	diseaseCount
)

// choice is one of several concepts, by weight.
type choice struct {
	concept int64
	weight  float64
}

// at is a point of a curve over age in years; between points it is a straight line,
// before the first it is 0.
type at struct{ age, value float64 }

// risk multiplies a chance when another disease is there.
type risk struct {
	disease int
	times   float64
}

// disease is one disease of the model. Rates are made up to look plausible.
type disease struct {
	// first are the concepts with which it is first recorded.
	first []choice
	// source is the ICD-10-CM concept recorded beside the first of them.
	source int64
	// byAge is the chance of having had it by that age, before the factors.
	byAge        []at
	female, male float64
	after        []risk
	// smoker and exSmoker are factors too; 0 stands for 1.
	smoker, exSmoker float64
	// hospital is the share of first diagnoses made in a hospital stay.
	hospital float64
	// chronic diseases are recorded again at later visits.
	chronic bool
	// later are concepts recorded some years on, by chance.
	later []choice
	// died is the factor on the risk of dying; 0 stands for 1.
	died float64
	// procedure is done on the day of the diagnosis with that chance.
	procedure []choice
}

var diseases = [diseaseCount]disease{
	obesity: {
		first: []choice{{433736, 1}}, byAge: []at{{2, 1}}, female: 1, male: 1, chronic: true,
	},
	type2Diabetes: {
		first: []choice{{201826, 1}}, source: 35206882,
		byAge: []at{{18, 0.002}, {40, 0.05}, {60, 0.14}, {80, 0.2}}, female: 0.95, male: 1.05,
		after: []risk{{obesity, 2}}, chronic: true, died: 1.4,
		later: []choice{{376065, 0.15}, {443729, 0.08}, {443731, 0.12}, {443733, 0.1}},
	},
	hypertension: {
		first: []choice{{320128, 0.93}, {316866, 0.07}}, source: 35207668,
		byAge: []at{{18, 0.02}, {40, 0.14}, {60, 0.4}, {80, 0.6}}, female: 0.97, male: 1.03,
		after: []risk{{obesity, 1.35}, {type2Diabetes, 1.5}}, chronic: true, died: 1.1,
	},
	hyperlipidemia: {
		first: []choice{{432867, 1}}, byAge: []at{{20, 0.02}, {45, 0.2}, {65, 0.4}, {85, 0.45}}, female: 0.95, male: 1.05,
		after: []risk{{obesity, 1.2}, {type2Diabetes, 1.4}}, chronic: true,
	},
	kidneyDisease: {
		first: []choice{{46271022, 0.3}, {443601, 0.2}, {443597, 0.35}, {443612, 0.1}, {443611, 0.05}},
		byAge: []at{{25, 0.003}, {60, 0.05}, {80, 0.18}}, female: 1, male: 1,
		after: []risk{{type2Diabetes, 2}, {hypertension, 1.8}}, chronic: true, died: 1.5,
	},
	coronaryDisease: {
		first: []choice{{317576, 1}}, byAge: []at{{35, 0.003}, {60, 0.06}, {80, 0.16}}, female: 0.75, male: 1.3,
		after: []risk{{type2Diabetes, 1.5}, {hypertension, 1.4}, {hyperlipidemia, 1.5}}, smoker: 1.6, exSmoker: 1.2,
		chronic: true, died: 1.2, procedure: []choice{{4163951, 0.8}, {4216130, 0.2}, {4336464, 0.06}},
	},
	infarction: {
		first: []choice{{312327, 0.9}, {4329847, 0.1}}, byAge: []at{{35, 0.002}, {60, 0.02}, {80, 0.06}}, female: 0.75, male: 1.3,
		after: []risk{{coronaryDisease, 4}}, smoker: 1.5, hospital: 0.95, died: 1.5,
		later: []choice{{314666, 0.6}}, procedure: []choice{{4163951, 1}, {4216130, 0.45}, {4163872, 0.6}},
	},
	fibrillation: {
		first: []choice{{313217, 0.8}, {4154290, 0.2}}, byAge: []at{{40, 0.003}, {65, 0.05}, {85, 0.15}}, female: 0.9, male: 1.15,
		after: []risk{{hypertension, 1.5}, {obesity, 1.2}}, hospital: 0.3, chronic: true, died: 1.3,
		procedure: []choice{{4163951, 1}, {4078793, 0.2}},
	},
	heartFailure: {
		first: []choice{{319835, 0.6}, {316139, 0.4}}, byAge: []at{{40, 0.002}, {65, 0.03}, {85, 0.12}}, female: 0.95, male: 1.1,
		after: []risk{{infarction, 3}, {hypertension, 1.4}, {fibrillation, 1.8}}, hospital: 0.5, chronic: true, died: 2,
		procedure: []choice{{4163951, 0.9}, {4163872, 0.8}},
	},
	stroke: {
		first: []choice{{443454, 0.8}, {381316, 0.2}}, byAge: []at{{40, 0.003}, {65, 0.035}, {85, 0.1}}, female: 0.95, male: 1.05,
		after: []risk{{hypertension, 1.6}, {fibrillation, 2}}, smoker: 1.5, hospital: 0.95, died: 1.6,
	},
	asthma: {
		first: []choice{{317009, 1}}, byAge: []at{{1, 0.02}, {12, 0.1}, {90, 0.1}}, female: 1.15, male: 0.85, chronic: true,
	},
	obstructiveLung: {
		first: []choice{{255573, 1}}, byAge: []at{{38, 0.005}, {60, 0.04}, {80, 0.08}}, female: 0.95, male: 1.05,
		smoker: 4, exSmoker: 2.5, hospital: 0.15, chronic: true, died: 1.6, procedure: []choice{{4163872, 0.7}},
	},
	depression: {
		first: []choice{{440383, 0.6}, {4152280, 0.4}}, byAge: []at{{12, 0.02}, {25, 0.14}, {60, 0.19}, {90, 0.17}}, female: 1.35, male: 0.7,
		chronic: true, procedure: []choice{{4043071, 0.3}},
	},
	anxiety: {
		first: []choice{{442077, 1}}, byAge: []at{{8, 0.02}, {25, 0.1}, {90, 0.12}}, female: 1.3, male: 0.75,
		after: []risk{{depression, 2.2}}, chronic: true,
	},
	osteoarthritis: {
		first: []choice{{80180, 0.55}, {4079750, 0.45}}, byAge: []at{{35, 0.02}, {55, 0.18}, {75, 0.42}}, female: 1.2, male: 0.85,
		after: []risk{{obesity, 1.4}}, chronic: true, procedure: []choice{{4252419, 0.5}},
	},
	reflux: {
		first: []choice{{318800, 1}}, byAge: []at{{18, 0.03}, {50, 0.18}, {80, 0.23}}, female: 1, male: 1,
		after: []risk{{obesity, 1.3}}, chronic: true,
	},
	giBleed: {
		first: []choice{{192671, 1}}, source: 35208414, byAge: []at{{30, 0.008}, {60, 0.035}, {80, 0.08}}, female: 0.9, male: 1.1,
		after: []risk{{osteoarthritis, 1.7}, {fibrillation, 1.8}}, hospital: 0.6, died: 1.2,
		procedure: []choice{{4249893, 0.6}, {4108705, 0.3}},
	},
	hypothyroidism: {
		first: []choice{{140673, 1}}, byAge: []at{{18, 0.02}, {50, 0.06}, {80, 0.11}}, female: 1.6, male: 0.45, chronic: true,
	},
	alzheimer: {
		first: []choice{{378419, 0.8}, {4182210, 0.2}}, byAge: []at{{60, 0.003}, {75, 0.05}, {90, 0.25}}, female: 1.1, male: 0.9,
		chronic: true, died: 2,
	},
	pneumonia: {
		first: []choice{{255848, 1}}, byAge: []at{{0, 0.02}, {50, 0.07}, {85, 0.2}}, female: 1, male: 1,
		after: []risk{{obstructiveLung, 2.5}}, hospital: 0.5, died: 1.2, procedure: []choice{{4163872, 0.9}},
	},
}

// passing are short illnesses that come again and again: times per year, the share
// of them that brings a drug.
var passing = []struct {
	concept int64
	perYear float64
	drug    int64
	share   float64
}{
	{4112343, 0.18, 1127433, 0.5},
	{40481087, 0.16, 19078461, 0.3},
	{260139, 0.1, 19073183, 0.35},
}

// childhoodAsthmaBefore is the age in years up to which asthma is called so.
const childhoodAsthmaBefore = 12

// curve reads a curve at an age.
func curve(points []at, age float64) float64 {
	if len(points) == 0 || age < points[0].age {
		return 0
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if age < b.age {
			return a.value + (b.value-a.value)*(age-a.age)/(b.age-a.age)
		}
	}
	return points[len(points)-1].value
}
